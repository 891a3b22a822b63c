"""What is there twice: persons, services, payers, assessments?"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from carecoord.errors import Fact
from carecoord.model.assessment.recognition import Past, recognise
from carecoord.model.facts import (
    Assessed,
    Bill,
    Occurrence,
    PersonFacts,
    PlannedTask,
)
from carecoord.model.issues import Evidence, Finding
from carecoord.model.matching import Match
from carecoord.model.plans import Window
from carecoord.model.policy import Reading, Rules


def duplicates(person: PersonFacts, rules: Rules) -> list[Finding]:
    """Services, payers and assessments of one person that are there twice."""
    if person.dead:
        return []
    return [
        *_same_item(person, rules),
        *_two_payers(person, rules),
        *_repeated_assessments(person, rules),
    ]


def same_persons(found: Iterable[Match]) -> list[Finding]:
    """`duplicate.person`: each pair of records that may be one person."""
    return [
        Finding(
            "duplicate.person",
            match.first,
            (match.second,),
            "high" if match.grade == "certain" else "moderate",
            {"grade": match.grade, "score": match.score, "other": match.second},
            tuple(
                Evidence(
                    "evidence.agrees",
                    {"what": what, "percent": percent},
                    (f"Patient/{match.first}", f"Patient/{match.second}"),
                )
                for what, percent in match.agreed.items()
            ),
            match.refs,
            (match.second,),
        )
        for match in found
    ]


def _same_item(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`duplicate.item`: one item from two programmes within the item's time span."""
    for a, b in _pairs(person.tasks):
        if not a.programme or not b.programme or a.programme == b.programme:
            continue
        read = rules.reading()
        span = _span(a.item, read)
        clashes = list(_clashes(a, b, span))
        if not clashes:
            continue
        first, second = sorted((a, b), key=lambda task: (task.programme, task.plan, task.group))
        facts: dict[str, Fact] = {
            "item": a.item,
            "programme": first.programme,
            "other": second.programme,
            "days": span,
        }
        yield Finding(
            "duplicate.item",
            person.elder,
            (a.item, first.programme, second.programme),
            "moderate",
            facts,
            tuple(_task_evidence(task, "evidence.task") for task in (first, second)),
            read.refs,
            basis=tuple(_task_basis(task) for task in (first, second)),
        )


def _two_payers(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`duplicate.payer` (K6): two payers for one task, or for one item in overlapping time."""
    read = rules.reading()
    read.flag("bed_link.one_payer")
    found: dict[tuple[str, str], list[Evidence]] = {}
    for task in person.tasks:
        for one, other in combinations(sorted(set(task.payers)), 2):
            said = _task_evidence(task, "evidence.task")
            found.setdefault((task.item, f"{one}|{other}"), []).append(said)
    for a, b in _pairs(person.tasks):
        if a.payers and b.payers and not set(a.payers) & set(b.payers) and any(_clashes(a, b, 0)):
            pair = sorted((a.payers[0], b.payers[0]))
            found.setdefault((a.item, "|".join(pair)), []).extend(
                _task_evidence(task, "evidence.task") for task in (a, b)
            )
    for first, second in combinations(person.bills, 2):
        if _billed_twice(first, second):
            pair = sorted((first.payer, second.payer))
            found.setdefault((first.item, "|".join(pair)), []).extend(
                _bill_evidence(bill) for bill in (first, second)
            )
    for (item, pair_key), evidence in sorted(found.items()):
        payer, other = pair_key.split("|")
        yield Finding(
            "duplicate.payer",
            person.elder,
            (item, payer, other),
            "high",
            {"item": item, "payer": payer, "other": other},
            tuple(_keyed(evidence)),
            read.refs,
        )


def _repeated_assessments(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`duplicate.assessment` (K2): assessed again while a valid result could be recognised."""
    read = rules.reading()
    allowed = read.texts("detect.reassess_reasons")
    lead = timedelta(days=read.number("assessment.reassess_lead_days"))
    for later in person.assessments:
        if later.reused or later.reason in allowed or not later.levels:
            continue
        earlier = _recognisable(person, later, rules)
        if earlier is None:
            continue
        past, until = earlier
        if later.on > until - lead:
            continue
        yield Finding(
            "duplicate.assessment",
            person.elder,
            (later.ref,),
            "low",
            {
                "day": later.on.isoformat(),
                "earlier": past.assessed_on.isoformat(),
                "scale": past.scale,
                "until": until.isoformat(),
            },
            (
                Evidence("evidence.assessed", {"day": past.assessed_on.isoformat()}, (past.id,)),
                Evidence("evidence.assessed", {"day": later.on.isoformat()}, (later.ref,)),
            ),
            read.refs,
        )


def _recognisable(person: PersonFacts, later: Assessed, rules: Rules) -> tuple[Past, date] | None:
    before = [
        Past(one.ref, person.elder, scale, one.on)
        for one in person.assessments
        if one.ref != later.ref and (one.on, one.ref) < (later.on, later.ref)
        for scale in one.levels
    ]
    then = replace(rules, day=later.on)
    changes = [change for change in person.changes if change.day <= later.on]
    offered = recognise(before, then, person=person.elder, changes=changes)
    if offered.offer is None or offered.valid_until is None:
        return None
    return offered.offer, offered.valid_until


def _pairs(tasks: tuple[PlannedTask, ...]) -> Iterator[tuple[PlannedTask, PlannedTask]]:
    for a, b in combinations(tasks, 2):
        if a.item and a.item == b.item:
            yield a, b


def _span(item: str, read: Reading) -> int:
    table = read.table("detect.same_item_days")
    return int(str(table.get(item, table["default"])))


def _clashes(a: PlannedTask, b: PlannedTask, span: int) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Occasions of both within `span` days; on the same day the windows overlap unless span > 0."""
    for one in a.occurrences:
        for other in b.occurrences:
            apart = abs((one.day - other.day).days)
            if apart <= span and (span > 0 or _overlap(one.windows, other.windows)):
                yield one, other


def _overlap(left: tuple[Window, ...], right: tuple[Window, ...]) -> bool:
    return any(a <= d and c <= b for a, b in left for c, d in right)


def _billed_twice(a: Bill, b: Bill) -> bool:
    return a.item == b.item and a.payer != b.payer and a.start < b.end and b.start < a.end


def _task_evidence(task: PlannedTask, code: str) -> Evidence:
    return Evidence(
        code,
        {
            "item": task.item,
            "programme": task.programme or "-",
            "minutes": task.minutes,
            "count": len(task.occurrences),
        },
        (task.plan,),
    )


def _task_basis(task: PlannedTask) -> str:
    """A task as it was decided: another length or time makes it another matter."""
    times = sorted({str(o.windows) for o in task.occurrences})
    return f"{task.plan} {task.group} {task.minutes} {' '.join(times)}"


def _bill_evidence(bill: Bill) -> Evidence:
    facts: dict[str, Fact] = {
        "item": bill.item,
        "payer": bill.payer,
        "start": bill.start.isoformat(),
        "end": bill.end.isoformat(),
    }
    return Evidence("evidence.bill", facts, (bill.ref,))


def _keyed(evidence: list[Evidence]) -> Iterator[Evidence]:
    seen: list[Evidence] = []
    for one in evidence:
        if one not in seen:
            seen.append(one)
            yield one
