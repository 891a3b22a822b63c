"""Which tables are there, and what does each column hold?

Migrations build them; `tests/store/test_engine.py` compares the two.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, handed out in UTC; SQLite keeps it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: Any,
        dialect: Dialect,  # noqa: ARG002 - the base class hands it over
    ) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


# Byte order, so that a prefix or range of a key can use its index on PostgreSQL too.
Key = String().with_variant(String(collation="C"), "postgresql")
# SQLite numbers rows by itself only in a column declared INTEGER.
Row = BigInteger().with_variant(Integer(), "sqlite")

document = Table(
    "document",
    metadata,
    # Never changes and never returns; search pages are cut by it.
    Column("row", Row, Identity(), primary_key=True),
    Column("type", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", Instant, nullable=False),
    # What made this version: POST, PUT, PATCH or DELETE. A deleted document has an empty text.
    Column("method", Key, nullable=False),
    Column("text", Text, nullable=False),
    UniqueConstraint("type", "id"),
    Index(None, "type", "updated"),
    sqlite_autoincrement=True,
)

document_version = Table(
    "document_version",
    metadata,
    # Superseded versions only: the current one is in `document`.
    Column("type", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("method", Key, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("type", "id", "version"),
    Index(None, "type", "updated"),
)

# The three index tables hold what current documents can be found by. `param` is the number of
# one search parameter of one type (`fhir_profiles.search`). No foreign key to `document`: rows
# are written only beside their document, and the check would cost a fifth of a create.

index_text = Table(
    "index_text",
    metadata,
    Column("param", Integer, nullable=False),
    # token: code; string: folded text; uri: the uri; reference: id, or a whole foreign URL
    Column("value", Key, nullable=False),
    Column("row", Row, nullable=False),
    # token: system; string: text as sent; canonical: version; reference: resource type
    Column("detail", Key, nullable=False),
    PrimaryKeyConstraint("param", "value", "row", "detail"),
    Index(None, "row", "param"),
    sqlite_with_rowid=False,
)

index_date = Table(
    "index_date",
    metadata,
    Column("param", Integer, nullable=False),
    # First and last microsecond covered, since 1970-01-01T00:00Z.
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Column("row", Row, nullable=False),
    PrimaryKeyConstraint("param", "low", "high", "row"),
    Index(None, "row", "param"),
    sqlite_with_rowid=False,
)

index_number = Table(
    "index_number",
    metadata,
    Column("param", Integer, nullable=False),
    # The numbers that would be written alike at the precision sent.
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("row", Row, nullable=False),
    # Unit of a quantity; both empty for a plain number.
    Column("system", Key, nullable=False),
    Column("code", Key, nullable=False),
    PrimaryKeyConstraint("param", "low", "high", "row", "system", "code"),
    Index(None, "row", "param"),
    sqlite_with_rowid=False,
)

store_note = Table(
    "store_note",
    metadata,
    # Facts about the store itself, such as which search definitions its index follows.
    Column("name", Key, primary_key=True),
    Column("value", Text, nullable=False),
)

projection = Table(
    "projection",
    metadata,
    # Documents that show a planned street-day (`store.projections`): Appointment and Encounter of
    # each visit, Slots of the shifts. Deleted ones are not listed.
    Column("type", Key, nullable=False),
    Column("id", Key, nullable=False),
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    PrimaryKeyConstraint("type", "id"),
    Index(None, "street", "day"),
)

# ---- Planning: the truth for what a scheduler moves ----

street_network = Table(
    "street_network",
    metadata,
    # Where the travel times of a street come from: an OSM file kept in the data folder, or the
    # seed of a synthetic network.
    Column("street", Key, primary_key=True),
    Column("kind", Key, nullable=False),
    Column("source", Text, nullable=False),
    Column("content_hash", Key, nullable=False),
)

street_member = Table(
    "street_member",
    metadata,
    # Patients of a street whose own resources name no organisation of it.
    Column("patient", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Index(None, "street"),
)

demand = Table(
    "demand",
    metadata,
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("elder", Key, nullable=False),
    Column("plan", Key, nullable=False),
    # The rest of the VisitDemand, canonical JSON.
    Column("body", Text, nullable=False),
    Index(None, "street", "day"),
    Index(None, "plan", "day"),
)

visit_edit = Table(
    "visit_edit",
    metadata,
    # What people decided about single visits: a re-expansion of the plan asks here first.
    Column("plan", Key, nullable=False),
    # Visit group of the plan, the day it was due and the time of day.
    Column("visit", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("occasion", Integer, nullable=False),
    Column("street", Key, nullable=False),
    # The day it takes place now.
    Column("falls_on", Date, nullable=False),
    # changed, skipped or added
    Column("kind", Key, nullable=False),
    # Groups and occasions that the visit stands for, JSON list of pairs.
    Column("parts", Text, nullable=False),
    # The VisitDemand as decided, canonical JSON; empty when skipped.
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("plan", "visit", "day", "occasion"),
    Index(None, "plan", "falls_on"),
)

spread = Table(
    "spread",
    metadata,
    # What the spread over days chose for single visits of plans; people's edits win over it.
    Column("plan", Key, nullable=False),
    # Visit group of the plan, the day it falls on by the recurrence alone, and the time of day.
    Column("visit", Key, nullable=False),
    Column("due", Date, nullable=False),
    Column("occasion", Integer, nullable=False),
    Column("street", Key, nullable=False),
    # The day chosen.
    Column("day", Date, nullable=False),
    # Who should come, JSON list.
    Column("staff", Text, nullable=False),
    # Horizon that chose it.
    Column("source", Key, nullable=False),
    PrimaryKeyConstraint("plan", "visit", "due", "occasion"),
    Index(None, "street", "day"),
)

horizon = Table(
    "horizon",
    metadata,
    # One planning of the days ahead: `night/street/day` asked for by the clock, once however many
    # clocks there are, or a number of its own when a person asked.
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Column("first", Date, nullable=False),
    Column("days", Integer, nullable=False),
    # queued, planning, done, failed
    Column("state", Key, nullable=False),
    Column("options", Text, nullable=False),
    Column("requested_by", Key, nullable=False),
    Column("requested_at", Instant, nullable=False),
    # Raised by every claim, so that a worker that was given up writes nothing.
    Column("lease", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    # Counts, runs by day, or the code and facts of a failure, JSON.
    Column("outcome", Text, nullable=False),
    Index(None, "street", "requested_at"),
    Index(None, "state", "lease_until"),
)

horizon_day = Table(
    "horizon_day",
    metadata,
    # What each day was last asked to be planned from: it is asked again only when that changed.
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("problem_hash", Key, nullable=False),
    Column("run", Key, nullable=False),
    PrimaryKeyConstraint("street", "day"),
)

day_plan = Table(
    "day_plan",
    metadata,
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    # Grows with every change of the day; ETag of the board.
    Column("version", Integer, nullable=False),
    # draft or published
    Column("state", Key, nullable=False),
    Column("published_at", Instant),
    Column("estimated", Boolean, nullable=False),
    Column("attribution", Text, nullable=False),
    # Cost by rule as the judge computed it, JSON.
    Column("cost", Text, nullable=False),
    PrimaryKeyConstraint("street", "day"),
)

day_version = Table(
    "day_version",
    metadata,
    # Every version a day plan ever had; the newest equals day_plan and its rows.
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Key, nullable=False),
    # run, repair, hand, undo, redo, restore, publish, pause, offer
    Column("cause", Key, nullable=False),
    Column("by", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    # Version whose plan was taken up or changed.
    Column("based_on", Integer, nullable=False),
    # Run that computed the plan; empty when there is none.
    Column("source", Key, nullable=False),
    # Visits made and not made.
    Column("served", Integer, nullable=False),
    Column("unserved", Integer, nullable=False),
    Column("attribution", Text, nullable=False),
    # The whole DayPlan, canonical JSON.
    Column("plan", Text, nullable=False),
    # Visit to elder, JSON: visits taken back later stay readable.
    Column("elders", Text, nullable=False),
    PrimaryKeyConstraint("street", "day", "version"),
)

day_shift = Table(
    "day_shift",
    metadata,
    # Who works when on a planned day, as PractitionerRoles, absences and working hours last said.
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("staff", Key, nullable=False),
    # Seconds after 00:00 Asia/Shanghai of the day; the end may lie past midnight.
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    PrimaryKeyConstraint("street", "day", "staff", "start"),
)

stop = Table(
    "stop",
    metadata,
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("staff", Key, nullable=False),
    Column("demand", Key, nullable=False),
    Column("order", Integer, nullable=False),
    # Seconds after 00:00 Asia/Shanghai of the day.
    Column("arrival", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("travel", Integer, nullable=False),
    # The way to the stop, JSON list of [lon, lat].
    Column("line", Text, nullable=False),
    # A demand once per carer; a carer at one visit at a time is `solver.check`'s and the flow's.
    PrimaryKeyConstraint("street", "day", "staff", "demand"),
    UniqueConstraint("street", "day", "staff", "order"),
    CheckConstraint('"end" > "start" AND "start" >= "arrival"', name="times"),
    Index(None, "demand"),
)

pause = Table(
    "pause",
    metadata,
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("staff", Key, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    PrimaryKeyConstraint("street", "day", "staff", "start"),
)

homeward = Table(
    "homeward",
    metadata,
    # The way back to the base after the last stop of each shift.
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("staff", Key, nullable=False),
    Column("arrival", Integer, nullable=False),
    Column("travel", Integer, nullable=False),
    Column("line", Text, nullable=False),
    PrimaryKeyConstraint("street", "day", "staff", "arrival"),
)

unserved = Table(
    "unserved",
    metadata,
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("demand", Key, nullable=False),
    # Code and facts (JSON) of the sentence that says why.
    Column("code", Key, nullable=False),
    Column("facts", Text, nullable=False),
    PrimaryKeyConstraint("street", "day", "demand"),
)

visit_event = Table(
    "visit_event",
    metadata,
    # UUID of whoever reports it: sent twice, kept once. Rows are never changed.
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    # Service day of the visit.
    Column("day", Date, nullable=False),
    Column("demand", Key, nullable=False),
    Column("staff", Key, nullable=False),
    # departed, arrived, started, finished, unanswered, refused
    Column("kind", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    Column("note", Text, nullable=False),
    # What proves the visit, JSON: metres from the home, confirmed, items done.
    Column("proof", Text, nullable=False, server_default="{}"),
    Index(None, "street", "day"),
    Index(None, "demand"),
)

staff_absence = Table(
    "staff_absence",
    metadata,
    Column("id", Key, primary_key=True),
    # The street that the person works for; `staff` is a PractitionerRole.
    Column("street", Key, nullable=False),
    Column("staff", Key, nullable=False),
    Column("start", Instant, nullable=False),
    # Empty: until somebody ends it.
    Column("end", Instant),
    Column("reason", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "street", "start"),
)

visit_pin = Table(
    "visit_pin",
    metadata,
    # What a person fixed of a visit: every run, offer and repair keeps it.
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("demand", Key, nullable=False),
    # carers, start or after
    Column("kind", Key, nullable=False),
    # JSON: a list of staff, seconds after 00:00, the visit directly before.
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("street", "day", "demand", "kind"),
)

day_repair = Table(
    "day_repair",
    metadata,
    # What happened on a day that its plan had to answer, once told; rows are never changed.
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    # Version of the day that answers it.
    Column("version", Integer, nullable=False),
    # Seconds after 00:00 before which nothing may be planned any more.
    Column("frozen", Integer, nullable=False),
    # The events, JSON list.
    Column("events", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "street", "day"),
)

run = Table(
    "run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    # queued, validating, solving, checking; committed, proposal, failed, cancelled
    Column("state", Key, nullable=False),
    # Version of the day the result is meant for; 0 = nothing planned yet.
    Column("base_version", Integer, nullable=False),
    Column("options", Text, nullable=False),
    Column("requested_by", Key, nullable=False),
    Column("requested_at", Instant, nullable=False),
    # Raised by every claim, so that a worker that was given up cannot commit.
    Column("lease", Integer, nullable=False),
    Column("lease_until", Instant),
    Column("finished_at", Instant),
    Column("problem_hash", Key, nullable=False),
    # What came of it, JSON: version, counts, or the code and facts of a failure.
    Column("outcome", Text, nullable=False),
    # Somebody wants it to end; its worker looks here.
    Column("cancel", Boolean, nullable=False, server_default=false()),
    # The newest the search told, JSON.
    Column("progress", Text, nullable=False, server_default="{}"),
    # Chosen by whoever asked, so that asking again makes no second run.
    Column("idempotency_key", Key),
    Index(None, "street", "day"),
    Index(None, "street", "requested_at"),
    Index(None, "state", "lease_until"),
    Index(None, "requested_by", "idempotency_key", unique=True),
)

run_event = Table(
    "run_event",
    metadata,
    # What happened to a run, for whoever follows it: numbers begin at 1 and have no gap.
    Column("run", Key, nullable=False),
    Column("number", Integer, nullable=False),
    # state, progress, end
    Column("kind", Key, nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("run", "number"),
)

run_plan = Table(
    "run_plan",
    metadata,
    # The result of a run that did not become the plan of its day, as in day_version.
    Column("run", Key, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("attribution", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("row", Row, Identity(), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Key, nullable=False),
    Column("organization", Key, nullable=False),
    Column("action", Key, nullable=False),
    # `Type/id`, `street/day@version`: names of things, never what they say about a person.
    Column("target", Key, nullable=False),
    Index(None, "target"),
    sqlite_autoincrement=True,
)

# ---- Referrals: clocks, offers, messages, and telling others ----

referral_clock = Table(
    "referral_clock",
    metadata,
    Column("id", Key, primary_key=True),
    Column("task", Key, nullable=False),
    # Street that is answerable; empty when neither side belongs to one.
    Column("street", Key, nullable=False),
    # accept, first-contact, first-visit, feedback, follow-up
    Column("kind", Key, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    # When it fires next; empty when it will not.
    Column("next_at", Instant),
    # Firings so far: 0 none, 1 reminded, 2 and more escalated.
    Column("level", Integer, nullable=False),
    # running, met, late (met after it was due), stopped
    Column("state", Key, nullable=False),
    Column("ended_at", Instant),
    Index(None, "state", "next_at"),
    Index(None, "task"),
    Index(None, "street", "state"),
)

offer = Table(
    "offer",
    metadata,
    Column("id", Key, primary_key=True),
    Column("task", Key, nullable=False),
    Column("street", Key, nullable=False),
    Column("created_at", Instant, nullable=False),
    # open, taken, gone
    Column("state", Key, nullable=False),
    # Start date, team, visits, what it would displace; versions of the days it looked at, JSON.
    Column("body", Text, nullable=False),
    Index(None, "task"),
)

message = Table(
    "message",
    metadata,
    # Sender and number of a message, and the answer it got: a replay gets the same one.
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("content_hash", Key, nullable=False),
    Column("answer", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("row", Row, Identity(), primary_key=True),
    # The key by which a receiver knows that it has heard this before.
    Column("id", Key, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("topic", Key, nullable=False),
    # `Task/id` and its version: what the event is about.
    Column("reference", Key, nullable=False),
    Column("version", Integer, nullable=False),
    # What filters may ask about, JSON: never a name or number of a person.
    Column("facts", Text, nullable=False),
    Index(None, "reference"),
    sqlite_autoincrement=True,
)

receiver = Table(
    "receiver",
    metadata,
    Column("id", Key, primary_key=True),
    # webhook or subscription
    Column("kind", Key, nullable=False),
    Column("url", Text, nullable=False),
    # Topics, filters, headers, payload, heartbeat seconds, JSON.
    Column("wishes", Text, nullable=False),
    Column("secret", Text, nullable=False),
    # The secret before, valid for signing until then, so that a change loses nothing.
    Column("old_secret", Text, nullable=False),
    Column("old_until", Instant),
    # requested, active, error, off
    Column("state", Key, nullable=False),
    # Number of the last event meant for it.
    Column("events", Integer, nullable=False),
    Column("heartbeat_at", Instant),
    # Held by the process that is delivering to it.
    Column("lease", Key, nullable=False),
    Column("lease_until", Instant),
    Column("created_at", Instant, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("row", Row, Identity(), primary_key=True),
    Column("id", Key, nullable=False, unique=True),
    Column("receiver", Key, nullable=False),
    # handshake, heartbeat, event
    Column("kind", Key, nullable=False),
    # Event number of this receiver; 0 for a handshake.
    Column("number", Integer, nullable=False),
    # Outbox id; empty for a handshake or heartbeat.
    Column("event", Key, nullable=False),
    # waiting, delivered, dead
    Column("state", Key, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "receiver", "state", "row"),
    Index(None, "state", "next_at"),
    sqlite_autoincrement=True,
)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("row", Row, Identity(), primary_key=True),
    Column("delivery", Key, nullable=False),
    Column("at", Instant, nullable=False),
    # HTTP status; 0 when there was no answer.
    Column("status", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Index(None, "delivery"),
    sqlite_autoincrement=True,
)

roster_plan = Table(
    "roster_plan",
    metadata,
    Column("id", Key, primary_key=True),
    Column("street", Key, nullable=False),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    # SHA-256 of `calls`.
    Column("hash", Key, nullable=False),
    # JSON: [[staff, visit, start], …] in order.
    Column("calls", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("by", Key, nullable=False),
    UniqueConstraint("street", "day", "hash"),
)
