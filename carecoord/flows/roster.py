"""Who is at work on a day, and for how long: the roster less what labour law leaves no room for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from carecoord.model import time
from carecoord.model.ids import StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.staff import Staff
from carecoord.planning import hours
from carecoord.planning.absence import present
from carecoord.planning.labour import Cut, History, LabourRules, Work, labour_rules, limited
from carecoord.store import absences, worked
from carecoord.store.engine import Tx


def others(tx: Tx, street: StreetId, day: date, rules: LabourRules) -> dict[StaffId, History]:
    """What everybody works on the days around `day`.

    Earlier days count as they are planned; later ones only when people were told, because a draft
    of a later day is made again after this one.
    """
    reach = timedelta(days=rules.reach)
    found: dict[StaffId, dict[date, Work]] = defaultdict(dict)
    routes = worked.routes(tx, street, day - reach, day + reach, only_published_after=day)
    for on, (stops, homeward, pauses) in routes.items():
        if on != day:
            for who, work in hours.worked(stops, homeward, pauses).items():
                found[who][on] = work
    return dict(found)


def within_limits(
    tx: Tx, street: StreetId, day: date, staff: Iterable[Staff], rules: Rules
) -> tuple[tuple[Staff, ...], Mapping[StaffId, tuple[Cut, ...]]]:
    """Staff with the shifts that labour rules leave them; the limits that cost somebody time."""
    limits = labour_rules(rules)
    around = others(tx, street, day, limits)
    left: list[Staff] = []
    cuts: dict[StaffId, tuple[Cut, ...]] = {}
    for one in staff:
        may, why = limited(one, day, around.get(one.id, {}), limits)
        left.append(may)
        if why:
            cuts[one.id] = tuple(why)
    return tuple(left), cuts


def at_work(tx: Tx, street: StreetId, staff: Iterable[Staff], day: date) -> list[Staff]:
    """These people with the hours of a day that their absences leave them."""
    # A shift may end on the next day.
    away = absences.between(tx, street, time.instant(day, 0), time.instant(day, 2 * time.DAY))
    return [present(one, away, day) for one in staff]
