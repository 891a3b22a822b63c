"""Is every visit of a plan made as asked: by whom, how many, when, and with what it is tied to?"""

from __future__ import annotations

from collections import Counter

from solver.check_desk import Desk
from solver.plan import Solution

__all__ = ["judge_visits"]


def judge_visits(desk: Desk, solution: Solution) -> None:
    """Every rule of single visits and of those tied together."""
    _served(desk, solution)
    _starts(desk)
    _people(desk)
    _links(desk)
    _apart(desk)


def _served(desk: Desk, solution: Solution) -> None:
    """Every visit is made by exactly its number of people, or listed as unserved."""
    listed = Counter(u.visit for u in solution.unserved)
    for visit in desk.problem.visits:
        people = [who for who, _ in desk.made.get(visit.id, [])]
        if listed[visit.id] > 1 or (people and listed[visit.id]):
            desk.blame("served", "visit.listed", visit=visit.id, listed=listed[visit.id])
        if people and (len(people) != visit.carers or len(set(people)) != len(people)):
            desk.blame(
                "together",
                "visit.carers",
                visit=visit.id,
                asked=visit.carers,
                given=len(set(people)),
                stops=len(people),
            )
        if not people and not listed[visit.id]:
            desk.blame("served", "visit.lost", visit=visit.id)


def _starts(desk: Desk) -> None:
    """One start per visit, inside a window or at its pin."""
    for id_, stops in desk.made.items():
        visit, pin = desk.visits[id_], desk.pins.get(id_)
        start = stops[0][1].start
        if any(stop.start != start for _, stop in stops):
            desk.blame("together", "visit.starts", visit=id_)
        if pin is not None and pin.start is not None:
            if start != pin.start:
                desk.blame("pins", "pin.start", visit=id_, start=start, pinned=pin.start)
        elif not any(w.earliest <= start <= w.latest for w in visit.windows):
            desk.blame("windows", "visit.window", visit=id_, start=start)


def _people(desk: Desk) -> None:
    """Skills, allowed people and pins; a pinned carer is not asked for either again."""
    for id_, stops in desk.made.items():
        visit, pin = desk.visits[id_], desk.pins.get(id_)
        pinned = set() if pin is None else set(pin.staff)
        if pinned and {who for who, _ in stops} != pinned:
            desk.blame("pins", "pin.staff", visit=id_, pinned=",".join(sorted(pinned)))
        for who in (who for who, _ in stops if who not in pinned):
            have = desk.staff[who].skills
            for skill, level in visit.skills.items():
                if have.get(skill, 0) < level:
                    facts: dict[str, str | int] = {"skill": skill, "level": level}
                    desk.blame("skills", "visit.skill", visit=id_, staff=who, **facts)
            if who in visit.forbidden or (visit.required and who not in visit.required):
                desk.blame("allowed", "visit.staff", visit=id_, staff=who)


def _links(desk: Desk) -> None:
    for link in desk.problem.links:
        a, b = desk.made.get(link.first), desk.made.get(link.second)
        pair: dict[str, str | int] = {"first": link.first, "second": link.second}
        if a is None and b is None:
            continue
        if a is None or b is None:
            desk.blame("links", "link.half", **pair)
            continue
        gap = b[0][1].start - a[0][1].start
        if gap < link.min_gap or (link.max_gap is not None and gap > link.max_gap):
            desk.blame("links", "link.gap", **pair, gap=gap)
        one, two = {who for who, _ in a}, {who for who, _ in b}
        if (link.carers == "same" and one != two) or (link.carers == "different" and one & two):
            desk.blame("links", "link.carers", **pair)


def _apart(desk: Desk) -> None:
    """Pairs that may not overlap: the later one starts after the earlier one's last carer left."""
    for pair in desk.problem.apart:
        a, b = desk.made.get(pair.first), desk.made.get(pair.second)
        if a is None or b is None:
            continue
        one, two = sorted((min(s.start for _, s in x), max(s.end for _, s in x)) for x in (a, b))
        if two[0] < one[1] + pair.gap:
            desk.blame(
                "apart",
                "apart.overlap",
                first=pair.first,
                second=pair.second,
                end=one[1],
                start=two[0],
            )
