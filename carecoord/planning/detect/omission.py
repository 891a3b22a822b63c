"""What was forgotten: people, orders, beds, missed visits, a whole strand of care?"""

from collections.abc import Iterator
from datetime import timedelta

from carecoord.errors import Fact
from carecoord.model.facts import Assessed, PersonFacts, Visit, days_before
from carecoord.model.issues import Evidence, Finding
from carecoord.model.policy import Reading, Rules


def omissions(person: PersonFacts, rules: Rules) -> list[Finding]:
    """What one person should have and does not; nothing while in hospital."""
    if person.dead or person.in_hospital:
        return []
    return [
        *_unserved(person, rules),
        *_unplanned_orders(person, rules),
        *_empty_beds(person, rules),
        *_no_follow_up(person, rules),
        *_empty_strands(person, rules),
    ]


def entitled(person: PersonFacts, read: Reading) -> tuple[str, int, Assessed] | None:
    """Scale, level and source by which LTC insurance pays, or None.

    Where a city has a scale of its own, a level on it decides.
    """
    if "ltci.entitlement.SH_LTC" in read.rules and (own := person.level("SH_LTC", read)):
        level, source = own
        paid = str(level) in read.table("ltci.entitlement.SH_LTC")
        return ("SH_LTC", level, source) if paid else None
    known = person.level("LTC37", read)
    if known is None or known[0] < read.number("ltci.benefit_from.LTC37"):
        return None
    return "LTC37", known[0], known[1]


def bed_days(kind: str, read: Reading) -> int:
    """Days in which a bed has at least one visit."""
    if kind == "family-bed":
        return -(-7 // read.number("family_bed.visits_per_week"))
    return read.number("home_bed.round_days")


def _unserved(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`omission.unserved` (K3): entitled for so many days, and nobody came in them."""
    read = rules.reading()
    right = entitled(person, read)
    if right is None:
        return
    scale, level, source = right
    days = read.number("detect.unserved_days")
    since = days_before(rules.day, days)
    if source.on > since or person.made(since):
        return
    last = _last(person.visits)
    until = last.day.isoformat() if last else "-"
    yield Finding(
        "omission.unserved",
        person.elder,
        (),
        "high",
        {
            "scale": scale,
            "level": level,
            "days": days,
            "last": until,
        },
        (
            Evidence(
                "evidence.level",
                {"scale": scale, "level": level, "day": source.on.isoformat()},
                (source.ref,),
            ),
            *(_visit_evidence(last) if last else ()),
        ),
        read.refs,
    )


def _unplanned_orders(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`omission.order`: an order in force whose item is in no plan after the days of grace."""
    read = rules.reading()
    grace = read.number("detect.order_grace_days")
    planned = {task.item for task in person.tasks}
    for order in person.orders:
        late = order.since is None or order.since < days_before(rules.day, grace)
        over = order.last is not None and order.last < rules.day
        if not late or over or order.item in planned:
            continue
        since = order.since.isoformat() if order.since else "-"
        yield Finding(
            "omission.order",
            person.elder,
            (order.ref, order.item),
            "high",
            {"item": order.item, "since": since, "days": grace},
            (Evidence("evidence.order", {"item": order.item, "since": since}, (order.ref,)),),
            read.refs,
        )


def _empty_beds(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`omission.bed` (K4): an active bed without a visit of its programme in its period."""
    for bed in person.beds:
        read = rules.reading()
        days = bed_days(bed.kind, read)
        since = days_before(rules.day, days)
        if bed.since is None or bed.since > since:
            continue
        visits = [v for v in person.visits if v.state == "made" and bed.kind in v.programmes]
        if any(v.day >= since for v in visits):
            continue
        last = _last(visits)
        yield Finding(
            "omission.bed",
            person.elder,
            (bed.ref,),
            "high",
            {
                "bed": bed.kind,
                "days": days,
                "since": bed.since.isoformat(),
                "last": last.day.isoformat() if last else "-",
            },
            (
                Evidence("evidence.bed", {"since": bed.since.isoformat()}, (bed.ref,)),
                *(_visit_evidence(last) if last else ()),
            ),
            read.refs,
        )


def _no_follow_up(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`omission.follow_up`: a missed visit, and neither a visit for it nor a contact after it."""
    read = rules.reading()
    days = read.number("detect.follow_up_days")
    for missed in person.visits:
        until = missed.day + timedelta(days=days)
        if missed.state != "missed" or until >= rules.day:
            continue
        made_up = any(
            v.state == "made"
            and missed.day <= v.day <= until
            and (set(v.items) & set(missed.items) or not missed.items)
            for v in person.visits
        )
        asked = any(missed.day <= contact.day <= until for contact in person.contacts)
        if made_up or asked:
            continue
        yield Finding(
            "omission.follow_up",
            person.elder,
            (missed.ref,),
            "moderate",
            {"day": missed.day.isoformat(), "items": ",".join(missed.items) or "-", "days": days},
            (Evidence("evidence.missed", {"day": missed.day.isoformat()}, _places(missed)),),
            read.refs,
        )


def _empty_strands(person: PersonFacts, rules: Rules) -> Iterator[Finding]:
    """`omission.strand`: a disabled person for whom nothing medical, or no care, is planned."""
    read = rules.reading()
    known = person.disabled(read)
    grace = read.number("detect.strand_grace_days")
    if known is None or known[2].on > days_before(rules.day, grace):
        return
    scale, level, source = known
    planned = {task.programme for task in person.tasks}
    for strand, programmes in read.table("detect.strands").items():
        if isinstance(programmes, tuple) and not planned & set(programmes):
            facts: dict[str, Fact] = {
                "scale": scale,
                "level": level,
                "day": source.on.isoformat(),
            }
            yield Finding(
                "omission.strand",
                person.elder,
                (strand,),
                "moderate",
                {"strand": strand, "scale": scale, "level": level},
                (Evidence("evidence.level", facts, (source.ref,)),),
                read.refs,
            )


def _last(visits: tuple[Visit, ...] | list[Visit]) -> Visit | None:
    made = [v for v in visits if v.state == "made"]
    return max(made, key=lambda v: (v.day, v.ref), default=None)


def _visit_evidence(visit: Visit) -> tuple[Evidence, ...]:
    return (Evidence("evidence.last_visit", {"day": visit.day.isoformat()}, _places(visit)),)


def _places(visit: Visit) -> tuple[str, ...]:
    return (visit.ref, visit.plan) if visit.plan else (visit.ref,)
