"""What does not fit the person: more or less than needed, the wrong hands, the wrong time?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.errors import Fact
from carecoord.model.facts import Assessed, PersonFacts, PlannedTask, Visit
from carecoord.model.issues import Evidence, Finding
from carecoord.model.policy import Reading, Rules
from carecoord.model.staff import Level, levels_on
from carecoord.model.time import clock
from carecoord.planning.detect.omission import entitled

_COVERS: dict[Level, frozenset[Level]] = {
    Level.DOCTOR: frozenset({Level.DOCTOR}),
    Level.NURSE: frozenset({Level.NURSE, Level.CAREGIVER_MEDICAL, Level.CAREGIVER}),
    Level.CAREGIVER_MEDICAL: frozenset({Level.CAREGIVER_MEDICAL, Level.CAREGIVER}),
    Level.CAREGIVER: frozenset({Level.CAREGIVER}),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """How plan and assessed needs fit, indicator K5.

    minutes, unsupported
        Planned in the days looked at: all, and of items that no assessed need supports.
    needs, unmet
        Assessed needs, and those for which no item is planned.
    items
        The unsupported ones.
    """

    minutes: int
    unsupported: int
    needs: tuple[str, ...]
    unmet: tuple[str, ...]
    items: tuple[str, ...]
    source: Assessed


def mismatches(person: PersonFacts, rules: Rules) -> list[Finding]:
    """What of the plan and the visits of one person does not fit."""
    if person.dead:
        return []
    return [
        *_needs(person, rules),
        *_performers(person, rules),
        *_windows(person, rules),
        *_hours(person, rules),
    ]


def fit(person: PersonFacts, read: Reading) -> Fit | None:
    """Planned items against assessed needs; None without valid answers."""
    source = person.answers(read)
    if source is None:
        return None
    answering: dict[str, set[str]] = defaultdict(set)
    needs: dict[str, set[str]] = {}
    for entry in _entries(read):
        items = {str(item) for item in _list(entry["items"])}
        for item in items:
            answering[item].add(str(entry["need"]))
        if _present(entry, source.scores):
            needs[str(entry["need"])] = items
    ordered = {order.item for order in person.orders}
    minutes: dict[str, int] = defaultdict(int)
    for task in person.tasks:
        minutes[task.item] += task.minutes * len(task.occurrences)
    wrong = sorted(
        item
        for item, total in minutes.items()
        if total
        and item in answering
        and not answering[item] & needs.keys()
        and item not in ordered
    )
    return Fit(
        minutes=sum(minutes.values()),
        unsupported=sum(minutes[item] for item in wrong),
        needs=tuple(needs),
        unmet=tuple(need for need, items in needs.items() if not items & minutes.keys()),
        items=tuple(wrong),
        source=source,
    )


def _needs(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`mismatch.above`, `mismatch.below` (K5): more, or less, than the assessed need."""
    read = rules.reading()
    found = fit(person, read)
    if found is None or not person.tasks:
        return
    most = read.number("detect.above_percent")
    if found.minutes and 100 * found.unsupported > most * found.minutes:
        share = 100 * found.unsupported // found.minutes
        numbers: dict[str, Fact] = {
            "percent": share,
            "minutes": found.unsupported,
            "of": found.minutes,
        }
        yield Finding(
            "mismatch.above",
            person.elder,
            (),
            "moderate",
            {"items": ",".join(found.items), "limit": most},
            (
                Evidence("evidence.above", numbers, _plans(person, found.items)),
                _assessment(found.source),
            ),
            read.refs,
        )
    yield from _below(person, found, read)


def _below(person: PersonFacts, found: Fit, read: Reading) -> Iterator[Finding]:
    cared = {"ltci", "family-bed"} & {task.programme for task in person.tasks}
    if not cared and person.disabled(read) is None:
        return
    least = read.number("detect.below_least")
    most = read.number("detect.below_percent")
    if len(found.unmet) < least or 100 * len(found.unmet) <= most * len(found.needs):
        return
    yield Finding(
        "mismatch.below",
        person.elder,
        (),
        "moderate",
        {"needs": ",".join(found.unmet), "unmet": len(found.unmet), "of": len(found.needs)},
        (_assessment(found.source),),
        read.refs,
    )


def _performers(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`mismatch.performer`: planned, named or sent below the level that the item needs."""
    for task in person.tasks:
        if task.needed is None or task.needed in _COVERS[task.level]:
            continue
        read = rules.reading()
        read.row(f"catalogue.item.{task.item}")
        facts: dict[str, Fact] = {
            "items": task.item,
            "needed": task.needed.value,
            "got": task.level.value,
        }
        yield Finding(
            "mismatch.performer",
            person.elder,
            ("plan", task.plan, task.group, task.item),
            "high",
            facts,
            (Evidence("evidence.performer", {**facts}, (task.plan,)),),
            read.refs,
        )
    yield from _named(person, rules)
    yield from _sent(person, rules)


def _named(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    for task in person.tasks:
        needed = task.needed or task.level
        for staff in task.performers:
            held = levels_on((person.staff or {}).get(staff, ()), rules.day)
            if needed in held:
                continue
            read = rules.reading()
            read.row("work.qualification")
            facts: dict[str, Fact] = {
                "items": task.item,
                "needed": needed.value,
                "got": "/".join(held) or "-",
            }
            yield Finding(
                "mismatch.performer",
                person.elder,
                ("named", task.plan, task.group, task.item, staff),
                "moderate",
                facts,
                (
                    Evidence(
                        "evidence.performer", {**facts}, (f"PractitionerRole/{staff}", task.plan)
                    ),
                ),
                read.refs,
            )


def _sent(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    for visit in person.visits:
        if visit.level is None or visit.state == "missed":
            continue
        for staff in visit.staff:
            held = levels_on((person.staff or {}).get(staff, ()), visit.day)
            if visit.level in held:
                continue
            read = rules.reading()
            read.row("work.qualification")
            facts: dict[str, Fact] = {
                "items": ",".join(visit.items) or "-",
                "needed": visit.level.value,
                "got": "/".join(held) or "-",
            }
            places = tuple(filter(None, (visit.ref, f"PractitionerRole/{staff}", visit.plan)))
            yield Finding(
                "mismatch.performer",
                person.elder,
                ("sent", visit.ref, staff),
                "high",
                facts,
                (
                    Evidence("evidence.performer", {**facts}, places),
                    Evidence("evidence.visit", {"day": visit.day.isoformat()}, (visit.ref,)),
                ),
                read.refs,
            )


def _windows(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`mismatch.window`: a repeated visit that never once started in the time agreed."""
    read = rules.reading()
    least = read.number("detect.window_least_visits")
    groups: dict[tuple[str, tuple[str, ...]], list[Visit]] = defaultdict(list)
    for visit in person.visits:
        if visit.state == "made" and visit.start is not None and visit.agreed:
            groups[visit.plan, visit.items].append(visit)
    for (plan, items), visits in sorted(groups.items()):
        if len(visits) < least or any(_met(visit) for visit in visits):
            continue
        visits.sort(key=lambda v: (v.day, v.ref))
        agreed = "、".join(f"{clock(a)}–{clock(b)}" for a, b in visits[-1].agreed)
        yield Finding(
            "mismatch.window",
            person.elder,
            (plan, *items),
            "low",
            {"items": ",".join(items) or "-", "window": agreed, "least": least},
            tuple(
                Evidence(
                    "evidence.start",
                    {"day": v.day.isoformat(), "start": clock(v.start or 0)},
                    tuple(filter(None, (v.ref, v.plan))),
                )
                for v in visits
            ),
            read.refs,
        )


def _met(visit: Visit) -> bool:
    return visit.start is not None and any(a <= visit.start <= b for a, b in visit.agreed)


def _hours(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`mismatch.hours`: LTC insurance visits of a week beyond what the level gives."""
    read = rules.reading()
    paid = [task for task in person.tasks if task.programme == "ltci"]
    if not paid:
        return
    right = entitled(person, read)
    known = right or _level_without_right(person, read)
    if known is None:
        return
    scale, level, source = known
    visits, minutes = _busiest_week(person.tasks, rules.day)
    table = read.table(f"ltci.entitlement.{scale}")
    limit = int(str(table.get(str(level), 0)))
    planned = visits if scale == "SH_LTC" else minutes
    if planned <= limit:
        return
    code = "evidence.week_visits" if scale == "SH_LTC" else "evidence.week_minutes"
    yield Finding(
        "mismatch.hours",
        person.elder,
        (scale,),
        "moderate",
        {
            "scale": scale,
            "level": level,
            "planned": planned,
            "limit": limit,
            "unit": str(read.row(f"ltci.entitlement.{scale}").unit or "-"),
        },
        (
            Evidence(
                code,
                {"planned": planned, "limit": limit},
                tuple(sorted({task.plan for task in paid})),
            ),
            Evidence(
                "evidence.level",
                {"scale": scale, "level": level, "day": source.on.isoformat()},
                (source.ref,),
            ),
        ),
        read.refs,
    )


def _level_without_right(person: PersonFacts, read: Reading) -> tuple[str, int, Assessed] | None:
    for scale in ("SH_LTC", "LTC37"):
        if f"ltci.entitlement.{scale}" in read.rules and (known := person.level(scale, read)):
            return scale, known[0], known[1]
    return None


def _busiest_week(tasks: tuple[PlannedTask, ...], first: date) -> tuple[int, int]:
    """Most LTC insurance visits, and most of their minutes, in one of the weeks ahead."""
    together: dict[tuple[str, str, date, int], list[PlannedTask]] = defaultdict(list)
    for task in tasks:
        times: dict[date, int] = defaultdict(int)
        for occurrence in task.occurrences:
            key = (task.plan, task.group, occurrence.day, times[occurrence.day])
            together[key].append(task)
            times[occurrence.day] += 1
    visits: dict[int, int] = defaultdict(int)
    minutes: dict[int, int] = defaultdict(int)
    for (_, _, day, _), done in together.items():
        paid = [task for task in done if task.programme == "ltci"]
        if not paid:
            continue
        week = (day - first) // timedelta(days=7)
        visits[week] += 1
        # The length of the whole visit counts when the insurance has it for itself.
        whole = max(task.visit_minutes for task in paid) if len(paid) == len(done) else 0
        minutes[week] += max(whole, sum(task.minutes for task in paid))
    return max(visits.values(), default=0), max(minutes.values(), default=0)


def _entries(read: Reading) -> list[Mapping[str, object]]:
    read.row("detect.needs")
    return [e for e in read.rules.entries("detect.needs") if isinstance(e, Mapping)]


def _present(entry: Mapping[str, object], scores: Mapping[str, int]) -> bool:
    """Whether one of the answers shows the need; the scale asked first that was answered."""
    for scale in ("LTC37", "GB42195"):
        limits = entry[scale]
        if isinstance(limits, Mapping) and (known := limits.keys() & scores.keys()):
            return any(scores[item] <= int(str(limits[item])) for item in known)
    return False


def _list(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _plans(person: PersonFacts, items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({task.plan for task in person.tasks if task.item in items}))


def _assessment(source: Assessed) -> Evidence:
    return Evidence("evidence.assessed", {"day": source.on.isoformat()}, (source.ref,))
