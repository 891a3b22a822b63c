"""The integrated plan in one look: who, what, in which order, what was merged and why."""

from dataclasses import dataclass

from carecoord.access import Caller
from carecoord.fhir import integrated as shape
from carecoord.fhir import plans, read
from carecoord.fhir.integrated import COORDINATOR, Member
from carecoord.flows import plan as whole
from carecoord.flows import visits
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import FamilyCare, Follow, Task, Withdrawn
from carecoord.model.policy import RuleRef, Rules
from carecoord.model.problems import DataProblem
from carecoord.planning import bundle, figures, merge
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

LOOK_AHEAD = 28
"""Days over which arrivals are counted."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the care team, with the name people know."""

    member: Member
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one programme brings: who answers for it, on what it rests, what it gave up."""

    document: Document
    programme: str
    organization: str
    bed: str
    rules: tuple[str, ...]
    orders: tuple[str, ...]
    withdrawn: tuple[Withdrawn, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """An integrated plan as people discuss it.

    arrivals
        Most arrivals on one of the coming days, and on how many of them they exceed `limit`.
    refs
        Rows of the pack that merging, joining and the limit rest on.
    """

    document: Document
    elder: ElderId
    team: tuple[Person, ...]
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]
    follows: tuple[Follow, ...]
    family: tuple[FamilyCare, ...]
    arrivals: tuple[int, int]
    limit: int
    problems: tuple[DataProblem, ...]
    refs: tuple[RuleRef, ...]

    @property
    def coordinator(self) -> Person | None:
        """Who holds the threads."""
        return next((p for p in self.team if p.member.role == COORDINATOR), None)


def overview(tx: Tx, caller: Caller, plan: PlanId, rules: Rules) -> Overview:
    """Everything about one integrated plan that is drafted or in force."""
    stored, elder = whole.in_force(tx, caller, plan, "plan.read")
    found, _ = plans.plan(stored.resource, rules.catalogue(), figures.day_times(rules), {})
    start = read.day(stored.resource.get("period", {}).get("start")) or rules.day
    ahead = visits.calendar(tx, caller, plan, max(start, rules.day), LOOK_AHEAD, rules)
    reading = rules.reading()
    for rule in (merge.SPAN, "bundle.keep", "bundle.sequence", bundle.LIMIT):
        reading.row(rule)
    counts = list(ahead.arrivals.values())
    return Overview(
        document=stored,
        elder=elder,
        team=tuple(_team(tx, stored)),
        parts=tuple(_part(one) for one in whole.parts(tx, stored.id)),
        tasks=found.tasks,
        follows=found.follows,
        family=found.family,
        arrivals=(max(counts, default=0), sum(n > ahead.limit for n in counts)),
        limit=ahead.limit,
        problems=ahead.problems,
        refs=reading.refs,
    )


def _team(tx: Tx, plan: Document) -> list[Person]:
    found: list[Person] = []
    for reference in plan.resource.get("careTeam", ()):
        team = documents.peek(tx, "CareTeam", read.reference(reference, "CareTeam"))
        if team is not None and not team.deleted:
            members = shape.members(team.resource)
            found += [Person(one, _name(tx, one)) for one in members]
    return found


def _name(tx: Tx, one: Member) -> str:
    found = documents.peek(tx, one.kind, one.id)
    if found is None or found.deleted:
        return one.id
    if one.kind == "PractitionerRole":
        who = read.reference(found.resource.get("practitioner"), "Practitioner")
        found = documents.peek(tx, "Practitioner", who) if who else None
        if found is None or found.deleted:
            return one.id
    return read.name(found.resource)


def _part(one: Document) -> Part:
    resource = one.resource
    programmes = read.codes(resource.get("category"), read.system("programme"))
    basis = [read.reference(r, "EpisodeOfCare") for r in resource.get("supportingInfo", ())]
    activity = resource.get("activity", ())
    orders = [read.reference(a.get("reference"), "ServiceRequest") for a in activity]
    prefix = "urn:carecoord:rule:"
    return Part(
        document=one,
        programme="".join(programmes[:1]),
        organization=read.reference(resource.get("author"), "Organization"),
        bed=next(filter(None, basis), ""),
        rules=tuple(
            uri.removeprefix(prefix)
            for uri in resource.get("instantiatesUri", ())
            if uri.startswith(prefix)
        ),
        orders=tuple(filter(None, orders)),
        withdrawn=tuple(shape.withdrawn(resource)),
    )
