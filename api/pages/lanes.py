"""The rows of the timeline: what somebody does when, as stretches of the time axis."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from api.pages.scale import Bar, Scale
from api.pages.words import Words
from carecoord.model.board import BoardRoute, BoardVisit, DayBoard
from carecoord.model.staff import Role

ROLES = tuple(Role)
COLOURS = 10
"""Route colours; the values are `--route-0` … in board.css."""


@dataclass(frozen=True, slots=True)
class Block:
    """A visit on the timeline; `label` is all of it in words, for ears and for the pointer."""

    bar: Bar
    demand: str
    order: int
    name: str
    clock: str
    label: str
    pair: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One staff member's row. `hours` is empty when nobody expects them that day."""

    staff: str
    name: str
    colour: int
    selected: bool
    hours: str
    load: str
    shifts: tuple[Bar, ...]
    travel: tuple[Bar, ...]
    waits: tuple[Bar, ...]
    pauses: tuple[Bar, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one role in one organisation."""

    organization: str
    role: str
    visits: int
    lanes: tuple[Lane, ...]


def colours(routes: Iterable[BoardRoute]) -> dict[str, int]:
    """A colour for each staff member: the same on the timeline, the map and the route sheet.

    Given to working staff in the order of the rows, so that neighbours differ.
    """
    ordered = sorted(routes, key=rank)
    working = [route.staff for route in ordered if route.visits]
    idle = [route.staff for route in ordered if not route.visits]
    return {staff: number % COLOURS for number, staff in enumerate(working + idle)}


def rank(route: BoardRoute) -> tuple[str, int, int, str, str]:
    """Rows by organisation and role, then the early ones first."""
    first = min((shift.start for shift in route.shifts), default=10**6)
    return route.organization, ROLES.index(route.role), first, route.name, route.staff


def groups(
    board: DayBoard, routes: Iterable[BoardRoute], scale: Scale, words: Words, staff: str
) -> tuple[Group, ...]:
    """The rows of `routes` under their headings; `staff` is the selected one."""
    palette = colours(board.routes)
    found = []
    for (organization, role), members in groupby(
        sorted(routes, key=rank), key=lambda route: (route.organization, route.role)
    ):
        rows = tuple(members)
        found.append(
            Group(
                organization=organization,
                role=role.value,
                visits=sum(len(route.visits) for route in rows),
                lanes=tuple(
                    _lane(board, r, scale, words, palette[r.staff], r.staff == staff) for r in rows
                ),
            )
        )
    return tuple(found)


def hours(route: BoardRoute, words: Words) -> str:
    """The shifts of a staff member in words."""
    return words.windows(tuple((shift.start, shift.end) for shift in route.shifts))


def _lane(
    board: DayBoard, route: BoardRoute, scale: Scale, words: Words, colour: int, selected: bool
) -> Lane:
    ways = [(v.arrival - v.travel, v.arrival) for v in route.visits]
    ways.append((route.home_arrival - route.home_travel, route.home_arrival))
    return Lane(
        staff=route.staff,
        name=route.name,
        colour=colour,
        selected=selected,
        hours=hours(route, words),
        load=words.duration(route.service + route.travel),
        shifts=_bars(scale, ((shift.start, shift.end) for shift in route.shifts)),
        travel=_bars(scale, ways),
        waits=_bars(scale, ((v.arrival, v.start) for v in route.visits)),
        pauses=_bars(scale, ((pause.start, pause.end) for pause in route.pauses)),
        blocks=tuple(
            block for v in route.visits if (block := _block(board, v, scale, words)) is not None
        ),
    )


def _block(board: DayBoard, visit: BoardVisit, scale: Scale, words: Words) -> Block | None:
    bar = scale.bar(visit.start, visit.end)
    if bar is None:
        return None
    parts = (
        words.t("page.visit.number", order=visit.order),
        visit.elder_name,
        words.between(visit.start, visit.end),
        visit.address,
        *words.items(visit.items, board.catalogue),
        *([words.t("page.visit.partner", name=visit.partner)] if visit.partner else ()),
    )
    return Block(
        bar=bar,
        demand=visit.demand,
        order=visit.order,
        name=visit.elder_name,
        clock=words.clock(visit.start),
        label=words.join(parts),
        pair=bool(visit.partner),
    )


def _bars(scale: Scale, stretches: Iterable[tuple[int, int]]) -> tuple[Bar, ...]:
    return tuple(bar for a, b in stretches if a < b and (bar := scale.bar(a, b)) is not None)
