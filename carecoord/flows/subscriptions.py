"""Who is told of referrals: webhooks, and R4 Subscriptions with topics (the R5 backport).

A Subscription whose criteria is one of our topics is served; any other is only kept.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Invalid, Missing
from carecoord.fhir import read, wire
from carecoord.fhir.compose import stamp
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import notify
from carecoord.model import time
from carecoord.store import documents, outbox, receivers
from carecoord.store.engine import Tx
from carecoord.store.outbox import Event
from carecoord.store.receivers import Attempt, Delivery, Receiver

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"

SECRET_OVERLAP = timedelta(days=7)
"""For so long a changed secret still signs beside the new one."""

EVENTS = 500
"""Events in one answer of `$events`; the next ones are asked for by number."""

ATTEMPTS = 10
"""Tries of one delivery before it is given up."""

_FIRST_WAIT, _LONGEST_WAIT = 5, 3600
"""Seconds before the second try, and between two tries at most."""


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: doubled each time, up to an hour."""
    return timedelta(seconds=min(_FIRST_WAIT * 2 ** max(0, attempts - 1), _LONGEST_WAIT))


# ---- webhooks ----


def add_webhook(
    tx: Tx, caller: Caller, url: str, topics: list[str], filters: dict[str, str]
) -> Receiver:
    """A new webhook; its secret is shown this once.

    Raises
    ------
    Invalid
        `receiver.url`: not an absolute http or https address; `receiver.filter`.
    """
    require(caller, "webhook.write")
    _require_url(url, "url")
    _require_filters(filters, "filters")
    one = Receiver(
        id=str(uuid4()),
        kind="webhook",
        url=url,
        wishes={"topics": topics or ["referral.*"], "filters": filters},
        secret=secrets.token_urlsafe(32),
        old_secret="",
        old_until=None,
        state="active",
        events=0,
        heartbeat_at=None,
        created_at=time.now(),
    )
    receivers.put(tx, one)
    audit.record(tx, caller, "webhook.add", f"Receiver/{one.id}")
    return one


def rotate(tx: Tx, caller: Caller, id_: str) -> Receiver:
    """Give a webhook a new secret; the old one keeps signing beside it for a while."""
    require(caller, "webhook.write")
    now = receivers.read(tx, id_)
    changed = replace(
        now,
        secret=secrets.token_urlsafe(32),
        old_secret=now.secret,
        old_until=time.now() + SECRET_OVERLAP,
    )
    receivers.put(tx, changed)
    audit.record(tx, caller, "webhook.rotate", f"Receiver/{id_}")
    return changed


def switch_off(tx: Tx, caller: Caller, id_: str) -> None:
    """Tell a webhook nothing more."""
    require(caller, "webhook.write")
    receivers.read(tx, id_)
    receivers.set_state(tx, id_, "off")
    audit.record(tx, caller, "webhook.off", f"Receiver/{id_}")


def webhooks(tx: Tx, caller: Caller) -> tuple[Receiver, ...]:
    """All receivers."""
    require(caller, "webhook.read")
    return receivers.all_of(tx)


def log(tx: Tx, caller: Caller, id_: str) -> list[tuple[Delivery, tuple[Attempt, ...]]]:
    """The newest deliveries of a receiver with every try."""
    require(caller, "webhook.read")
    receivers.read(tx, id_)
    return [(one, receivers.attempts(tx, one.id)) for one in receivers.deliveries(tx, id_)]


def replay(tx: Tx, caller: Caller, id_: str, since: int) -> int:
    """Send every event from a number on again, under the same keys; how many."""
    require(caller, "webhook.write")
    one = receivers.read(tx, id_)
    if one.state == "off":
        raise Conflict("receiver.off", receiver=id_)
    if one.state == "error":
        receivers.set_state(tx, id_, "active")
    audit.record(tx, caller, "webhook.replay", f"Receiver/{id_}")
    return receivers.replay(tx, id_, since, time.now())


# ---- subscriptions ----


def react(tx: Tx, change: Change) -> None:
    """Serve a Subscription that was written, or stop serving it.

    Raises
    ------
    Invalid
        `subscription.topic`, `subscription.channel`, `receiver.url`, `receiver.filter`.
    """
    document = change.document
    if document.type != "Subscription":
        return
    if change.deed == "deleted":
        receivers.set_state(tx, document.id, "off")
        return
    resource = document.resource
    topic = str(resource.get("criteria", ""))
    if change.deed == "unchanged" or not topic.startswith(("http://", "https://")):
        return
    if topic not in notify.TOPICS.values():
        known = ", ".join(sorted(notify.TOPICS.values()))
        raise Invalid("subscription.topic", field="Subscription.criteria", topic=topic, known=known)
    if resource.get("status") == "off":
        receivers.set_state(tx, document.id, "off")
        return
    wanted = _receiver(document.id, resource, topic)
    receivers.put(tx, wanted)
    receivers.say(tx, receivers.read(tx, document.id), "handshake", time.now())


def _receiver(id_: str, resource: Json, topic: str) -> Receiver:
    channel = resource.get("channel", {})
    if channel.get("type") != "rest-hook":
        raise Invalid(
            "subscription.channel",
            field="Subscription.channel.type",
            channel=str(channel.get("type", "")),
        )
    url = str(channel.get("endpoint", ""))
    _require_url(url, "Subscription.channel.endpoint")
    filters: dict[str, str] = {}
    for one in (resource.get("_criteria") or {}).get("extension", ()):
        if one.get("url") == f"{BACKPORT}/backport-filter-criteria":
            filters |= notify.filters(str(one.get("valueString", "")))
    _require_filters(filters, "Subscription.criteria")
    beat = _extension(channel, "backport-heartbeat-period", "valueUnsignedInt")
    content = _extension(channel.get("_payload") or {}, "backport-payload-content", "valueCode")
    now = time.now()
    return Receiver(
        id=id_,
        kind="subscription",
        url=url,
        wishes={
            "topics": [topic],
            "filters": filters,
            "content": str(content or "id-only"),
            "heartbeat": int(str(beat or 0)),
            "headers": list(channel.get("header", ())),
        },
        secret="",
        old_secret="",
        old_until=None,
        state="requested",
        events=0,
        heartbeat_at=now + timedelta(seconds=int(str(beat))) if beat else None,
        created_at=now,
    )


def status(tx: Tx, caller: Caller, id_: str) -> Json:
    """`$status`: where a subscription stands, as a searchset Bundle.

    Raises
    ------
    Missing
        No such Subscription, or one that is only kept.
    """
    require(caller, "fhir.read")
    found = _served(tx, id_)
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "entry": [
            {
                "fullUrl": f"urn:uuid:{uuid4()}",
                "resource": _status(found, "query-status", found.events, ()),
                "search": {"mode": "match"},
            }
        ],
    }


def _served(tx: Tx, id_: str) -> Receiver:
    documents.read(tx, "Subscription", id_)
    found = next((r for r in receivers.all_of(tx, kind="subscription") if r.id == id_), None)
    if found is None:
        raise Missing("subscription.unserved", subscription=id_)
    return found


def beat(tx: Tx, now: datetime) -> int:
    """Line up a heartbeat for each subscription that has heard nothing for its period."""
    count = 0
    for one in receivers.all_of(tx, state="active", kind="subscription"):
        period = int(one.wishes.get("heartbeat", 0))
        if period and one.heartbeat_at is not None and one.heartbeat_at <= now:
            receivers.say(tx, one, "heartbeat", now)
            receivers.heard(tx, one.id, now + timedelta(seconds=period))
            count += 1
    return count


# ---- what is sent, and what became of it ----


def payload(tx: Tx, one: Receiver, delivery: Delivery) -> bytes:
    """The body of a delivery."""
    event = outbox.read(tx, delivery.event) if delivery.event else None
    if one.kind == "webhook":
        assert event is not None
        return wire.encode(
            {
                "id": event.id,
                "number": delivery.number,
                "topic": event.topic,
                "at": event.at.isoformat(),
                "reference": event.reference,
                "version": event.version,
                "facts": dict(event.facts),
            }
        )
    kind = "event-notification" if delivery.kind == "event" else delivery.kind
    told = [] if event is None else [(delivery.number, event)]
    return wire.encode(_notification(tx, one, kind, delivery.number, told))


def events(
    tx: Tx, caller: Caller, id_: str, *, since: int = 1, until: int | None = None, content: str = ""
) -> Json:
    """`$events`: what a subscription was told under these numbers, for who has missed some of it.

    content
        `empty`, `id-only` or `full-resource`; else as the subscription asks for.

    Raises
    ------
    Missing
        No such Subscription, or one that is only kept.
    """
    require(caller, "fhir.read")
    one = _served(tx, id_)
    last = one.events if until is None else until
    told = [
        (line.number, event)
        for line in receivers.events(tx, id_, since, last, limit=EVENTS)
        if (event := outbox.read(tx, line.event)) is not None
    ]
    if content:
        one = replace(one, wishes={**one.wishes, "content": content})
    return _notification(tx, one, "query-event", one.events, told)


def _notification(
    tx: Tx, one: Receiver, kind: str, number: int, told: Sequence[tuple[int, Event]]
) -> Json:
    """A Bundle with the status of a subscription, the events in it, and what they are about."""
    parts: list[Json] = []
    entries: dict[str, Json] = {}
    for at, event in told:
        part: list[Json] = [
            {"name": "event-number", "valueString": str(at)},
            {"name": "timestamp", "valueInstant": stamp(event.at)},
        ]
        if one.wishes.get("content") != "empty":
            part.append({"name": "focus", "valueReference": {"reference": event.reference}})
            entries[f"{event.reference}/{event.version}"] = _focus(
                tx, one, event.reference, event.version
            )
        parts.append({"name": "notification-event", "part": part})
    head = {
        "fullUrl": f"urn:uuid:{uuid4()}",
        "resource": _status(one, kind, number, parts),
        "request": {"method": "GET", "url": f"Subscription/{one.id}/$status"},
        "response": {"status": "200"},
    }
    return {
        "resourceType": "Bundle",
        "type": "history",
        "timestamp": stamp(time.now()),
        "entry": [head, *entries.values()],
    }


def _focus(tx: Tx, one: Receiver, reference: str, version: int) -> Json:
    entry: Json = {
        "fullUrl": f"{read.BASE}/{reference}",
        "request": {"method": "PUT", "url": reference},
        "response": {"status": "200"},
    }
    if one.wishes.get("content") == "full-resource":
        kind, _, id_ = reference.partition("/")
        entry["resource"] = documents.read_version(tx, kind, id_, version).resource
    return entry


def _status(one: Receiver, kind: str, number: int, events: Sequence[Json]) -> Json:
    state = {"requested": "requested", "active": "active", "error": "error"}.get(one.state, "off")
    parameters: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": f"Subscription/{one.id}"}},
        {"name": "topic", "valueCanonical": next(iter(one.wishes["topics"]))},
        {"name": "status", "valueCode": state},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(number)},
    ]
    return {
        "resourceType": "Parameters",
        "id": str(uuid4()),
        "meta": {"profile": [f"{BACKPORT}/backport-subscription-status-r4"]},
        "parameter": [*parameters, *events],
    }


def settle(tx: Tx, one: Receiver, delivery: Delivery, attempt: Attempt) -> bool:
    """Write down one try; whether the next delivery of this receiver may follow now."""
    done = 200 <= attempt.status < 300
    tries = delivery.attempts + 1
    dead = not done and tries >= ATTEMPTS
    state = "delivered" if done else "dead" if dead else "waiting"
    receivers.tried(tx, delivery, attempt, state=state, next_at=attempt.at + backoff(tries))
    if one.kind == "subscription":
        if done and delivery.kind == "handshake":
            _tell(tx, one.id, "active", "")
        elif dead:
            _tell(tx, one.id, "error", attempt.error or f"HTTP {attempt.status}")
            return False
    period = int(one.wishes.get("heartbeat", 0))
    if done and period:
        receivers.heard(tx, one.id, attempt.at + timedelta(seconds=period))
    return done or dead


def _tell(tx: Tx, id_: str, state: str, error: str) -> None:
    receivers.set_state(tx, id_, state)
    found = documents.peek(tx, "Subscription", id_)
    if found is None or found.deleted:
        return
    changed = {k: v for k, v in found.resource.items() if k != "error"} | {"status": state}
    documents.update(
        tx, "Subscription", id_, changed | ({"error": error} if error else {}),
        expected=found.version,
    )  # fmt: skip


def _extension(element: Json, name: str, value: str) -> object:
    return next(
        (
            one.get(value)
            for one in element.get("extension", ())
            if one.get("url") == f"{BACKPORT}/{name}"
        ),
        None,
    )


def _require_url(url: str, field: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Invalid("receiver.url", field=field, url=url or "-")


def _require_filters(filters: dict[str, str], field: str) -> None:
    for name in filters:
        if name not in notify.FILTERS:
            raise Invalid(
                "receiver.filter", field=field, filter=name, known=", ".join(notify.FILTERS)
            )
