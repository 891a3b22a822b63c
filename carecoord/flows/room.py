"""How much working time does a street have left in the coming days? From its roster and plans."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock

from carecoord.flows import register, roster
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.staff import Level
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning import room
from carecoord.store import days, demands, fingerprints
from carecoord.store.engine import Tx

_KEPT = 140
"""Days kept per process: a week of twenty streets."""


@dataclass(frozen=True, slots=True)
class Room:
    """One coming day: seconds left by level of performer."""

    day: date
    planned: bool
    free: Mapping[Level, int]


def coming(tx: Tx, street: StreetId) -> tuple[Room, ...]:
    """The coming days from tomorrow, as many as the pack says (`referral.room_days`)."""
    first = time.today() + timedelta(days=1)
    count = load().on(first, street).number("referral.room_days")
    return tuple(_of_day(tx, DayKey(street, first + timedelta(days=k))) for k in range(count))


def _of_day(tx: Tx, key: DayKey) -> Room:
    print_ = f"{key.street}|{key.day}|{fingerprints.of_day(tx, key)}"
    with _lock:
        if print_ in _kept:
            _kept.move_to_end(print_)
            return _kept[print_]
    found = _read(tx, key)
    with _lock:
        _kept[print_] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _read(tx: Tx, key: DayKey) -> Room:
    rules = load().on(key.day, key.street)
    everybody, _ = register.staff_on(tx, register.street(tx, key.street), key.day)
    staff = roster.at_work(tx, key.street, everybody, key.day)
    plan = days.read(tx, key) if days.state(tx, key) is not None else None
    free = room.left(
        staff,
        demands.on(tx, key.street, key.day),
        plan,
        share=rules.number("referral.offer_estimate_percent"),
        way=rules.number("referral.offer_travel_seconds"),
    )
    return Room(key.day, plan is not None, free)


_kept: OrderedDict[str, Room] = OrderedDict()
_lock = Lock()
