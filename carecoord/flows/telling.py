"""Who has to be told that promised visits have changed, how are they reached, and what is said?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from carecoord.errors import Fact
from carecoord.fhir import contacts, read
from carecoord.fhir.contacts import Channel, Way
from carecoord.fhir.read import Json
from carecoord.flows import register
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.time import clock
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning.changes import Change, Promise, changes
from carecoord.store import day_versions, documents
from carecoord.store.engine import Tx

SLACK = 5 * 60
"""Seconds by which a visit may begin earlier or later than said without another call."""

Kind = Literal["staff", "elder", "family"]

_SENTENCES = {
    "added": "change.added",
    "removed": "change.removed",
    "carer": "change.carer",
    "start": "change.start",
}


@dataclass(frozen=True, slots=True)
class News:
    """One thing to say: code and facts of a sentence, and the change it is about.

    elder
        Whose visit it is; empty when nobody knows any more.
    """

    change: Change
    elder: str
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class ToTell:
    """One person to be told.

    reference
        `PractitionerRole/…`, `Patient/…`, `RelatedPerson/…` or `Patient/…#contact[0]`.
    relation
        To the elder, for family.
    about
        The elder, for elder and family; empty for staff.
    channel, address
        From the person's own record; an empty channel = nobody wrote it down.
    reason
        Why, in the words of whoever changed the day.
    """

    kind: Kind
    reference: str
    name: str
    relation: str
    about: str
    channel: Channel
    address: str
    news: tuple[News, ...]
    reason: str


def people_to_tell(
    tx: Tx, key: DayKey, before: DayPlan | None, after: DayPlan, *, reason: str = ""
) -> tuple[ToTell, ...]:
    """Everybody whose promises differ between what was told and what holds now.

    Staff first, then each elder with the family. Visits without an elder on record are said to
    the staff only. The caller has asked for permission.
    """
    found = changes(before, after, slack=SLACK)
    whose = day_versions.elders(tx, key)
    desk = _Desk(tx, key, found, {whose[c.demand] for c in found if c.demand in whose})
    by_staff: dict[StaffId, list[Change]] = {}
    by_elder: dict[ElderId, list[Change]] = {}
    for change in found:
        for staff in sorted(change.staff):
            by_staff.setdefault(staff, []).append(change)
        if change.demand in whose:
            by_elder.setdefault(whose[change.demand], []).append(change)
    told = [desk.staff(staff, many, whose, reason) for staff, many in sorted(by_staff.items())]
    for elder, many in sorted(by_elder.items()):
        told += desk.household(elder, many, reason)
    return tuple(told)


def news_of(tx: Tx, key: DayKey, found: Sequence[Change]) -> tuple[News, ...]:
    """Each change as something to say, with names. The caller has asked for permission."""
    whose = day_versions.elders(tx, key)
    desk = _Desk(tx, key, found, {whose[c.demand] for c in found if c.demand in whose})
    return tuple(desk.news(one, whose.get(one.demand)) for one in found)


class _Desk:
    """Records of everybody a set of changes concerns, read at once."""

    def __init__(self, tx: Tx, key: DayKey, found: Iterable[Change], elders: set[ElderId]) -> None:
        self._day = key.day
        staff = sorted({one for change in found for one in change.staff})
        self._roles = _records(tx, "PractitionerRole", staff)
        people = {self._person(role) for role in self._roles.values()} - {""}
        self._people = _records(tx, "Practitioner", sorted(people))
        self._patients = _records(tx, "Patient", sorted(elders))
        self._related: dict[str, list[Json]] = {}
        for chunk in register.chunks([f"Patient/{one}" for one in sorted(elders)]):
            for one in documents.find(tx, "RelatedPerson", patient=chunk):
                whose = read.reference(one.resource.get("patient"), "Patient")
                self._related.setdefault(whose, []).append(one.resource)

    def staff(
        self,
        staff: StaffId,
        many: Sequence[Change],
        whose: Mapping[DemandId, ElderId],
        reason: str,
    ) -> ToTell:
        """One carer; without a number they read it in their route."""
        role = self._roles.get(staff, {})
        person = self._people.get(self._person(role), {})
        reached = contacts.way(role, self._day)
        if not reached.channel:
            reached = contacts.way(person, self._day)
        if not reached.channel and role:
            reached = Way("app", f"PractitionerRole/{staff}")
        return ToTell(
            kind="staff",
            reference=f"PractitionerRole/{staff}",
            name=self._staff_name(staff),
            relation="",
            about="",
            channel=reached.channel,
            address=reached.address,
            news=tuple(self.news(one, whose.get(one.demand)) for one in many),
            reason=reason,
        )

    def household(self, elder: ElderId, many: Sequence[Change], reason: str) -> list[ToTell]:
        """The elder and the family."""
        patient = self._patients.get(elder)
        if patient is None:
            return []
        news = tuple(self.news(one, elder) for one in many)
        reached = contacts.way(patient, self._day)
        own = ToTell(
            kind="elder",
            reference=f"Patient/{elder}",
            name=read.name(patient),
            relation="",
            about=elder,
            channel=reached.channel,
            address=reached.address,
            news=news,
            reason=reason,
        )
        relatives = contacts.family(patient, self._related.get(elder, ()), self._day)
        return [own] + [
            ToTell(
                kind="family",
                reference=one.reference,
                name=one.name,
                relation=one.relation,
                about=elder,
                channel=one.way.channel,
                address=one.way.address,
                news=news,
                reason=reason,
            )
            for one in relatives
        ]

    def news(self, change: Change, elder: ElderId | None) -> News:
        """One change with the names of everybody in it."""
        patient = self._patients.get(elder or "")
        facts: dict[str, Fact] = {"elder": read.name(patient) if patient else elder or "-"}
        for name, promise in (("was", change.before), ("now", change.after)):
            facts[name] = clock(promise.start) if promise else "-"
            facts[f"{name}_carers"] = self._carers(promise)
        return News(change, elder or "", _SENTENCES[change.kind], facts)

    def _carers(self, promise: Promise | None) -> str:
        return ", ".join(self._staff_name(one) for one in promise.staff) if promise else "-"

    def _staff_name(self, staff: StaffId) -> str:
        person = self._people.get(self._person(self._roles.get(staff, {})))
        return read.name(person) if person else staff

    @staticmethod
    def _person(role: Json) -> str:
        return read.reference(role.get("practitioner"), "Practitioner")


def _records(tx: Tx, kind: str, ids: Iterable[str]) -> dict[str, Json]:
    return {str(one["id"]): one for one in register.by_id(tx, kind, sorted(ids))}
