"""One day of one staff member as a list: calls, ways and breaks in the order they happen."""

from dataclasses import dataclass

from api.pages.lanes import hours
from api.pages.links import position, telephone
from api.pages.words import Words
from carecoord.model.board import BoardRoute, BoardVisit, DayBoard


@dataclass(frozen=True, slots=True)
class Call:
    """A visit in words. `dial` and `navigate` are addresses; `dial` is empty without a number."""

    order: int
    demand: str
    time: str
    duration: str
    travel: str
    wait: str
    name: str
    person: str
    address: str
    home: str
    note: str
    items: tuple[str, ...]
    programmes: tuple[str, ...]
    windows: str
    partner: str
    phone: str
    dial: str
    navigate: str


@dataclass(frozen=True, slots=True)
class Rest:
    """A break in words."""

    time: str
    duration: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The list of one staff member. `home` is empty without a way back."""

    staff: str
    name: str
    role: str
    organization: str
    mode: str
    hours: str
    service: str
    travel: str
    steps: tuple[Call | Rest, ...]
    home: str
    home_travel: str

    @property
    def calls(self) -> tuple[Call, ...]:
        """The visits alone."""
        return tuple(step for step in self.steps if isinstance(step, Call))


def sheet(board: DayBoard, route: BoardRoute, words: Words) -> Sheet:
    """The route sheet of one staff member."""
    timed: list[tuple[int, Call | Rest]] = [
        (visit.start, _call(board, visit, words)) for visit in route.visits
    ]
    for pause in route.pauses:
        rest = Rest(words.between(pause.start, pause.end), words.duration(pause.end - pause.start))
        timed.append((pause.start, rest))
    back = bool(route.visits) and route.home_arrival > 0
    return Sheet(
        staff=route.staff,
        name=route.name,
        role=route.role.value,
        organization=route.organization,
        mode=route.mode,
        hours=hours(route, words),
        service=words.duration(route.service),
        travel=_way(board, route.travel, words),
        steps=tuple(step for _, step in sorted(timed, key=lambda pair: pair[0])),
        home=words.clock(route.home_arrival) if back else "",
        home_travel=_way(board, route.home_travel, words) if back else "",
    )


def _way(board: DayBoard, seconds: int, words: Words) -> str:
    time = words.duration(seconds)
    return words.t("page.estimated.time", time=time) if board.estimated else time


def _call(board: DayBoard, visit: BoardVisit, words: Words) -> Call:
    return Call(
        order=visit.order,
        demand=visit.demand,
        time=words.between(visit.start, visit.end),
        duration=words.duration(visit.end - visit.start),
        travel=_way(board, visit.travel, words),
        wait=words.duration(visit.start - visit.arrival),
        name=visit.elder_name,
        person=words.person(visit.elder_gender, visit.elder_birth, board.day),
        address=visit.address,
        home=words.home(visit.floor, visit.lift),
        note=visit.note,
        items=words.items(visit.items, board.catalogue),
        programmes=tuple(words.named("programme", code) for code in visit.programmes),
        windows=words.windows(visit.windows),
        partner=visit.partner,
        phone=visit.phone,
        dial=telephone(visit.phone),
        navigate=position(visit.place.lat, visit.place.lon, visit.address),
    )
