"""A street-day of realistic size for tests of the pages: 40 staff, about 350 visits, seeded."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from random import Random

from api.pages.history import Past
from carecoord.flows.versions import Versions
from carecoord.model.board import (
    BoardPause,
    BoardRoute,
    BoardUnserved,
    BoardVisit,
    DayBoard,
    DaySummary,
    Line,
    StreetDays,
)
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.staff import Role, Shift, TravelMode
from carecoord.model.time import of_clock
from carecoord.model.versions import DayVersion, Why, history
from carecoord.model.visits import DayKey

STREET = StreetId("110108022")
DAY = date(2026, 3, 5)
WEST, SOUTH, BLOCK = 116.310, 39.991, 0.0012
COLUMNS, ROWS = 18, 16
METRES_A_BLOCK = 120

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("秀兰", "桂英", "建国", "淑珍", "玉梅", "志强", "凤英", "德福", "桂兰", "明", "婷", "文军")
CENTRE, STATION, HOME = "清河街道社区卫生服务中心", "清河养老服务站", "安康居家养老服务中心"
ITEMS = {
    "5": ("温水擦浴", "Sponge bath"),
    "7": ("协助进食/水", "Help with eating and drinking"),
    "15": ("晨间护理", "Morning care"),
    "19": ("协助翻身叩背排痰", "Turning, percussion, sputum"),
    "25": ("压疮预防护理", "Pressure-injury prevention"),
    "26": ("留置尿管的护理", "Catheter care"),
    "32": ("生命体征监测", "Vital signs"),
    "36": ("血糖监测", "Blood glucose"),
    "37": ("压疮伤口换药", "Pressure-wound dressing"),
    "42": ("PICC 维护", "PICC care"),
}
WORK: dict[Role, tuple[str, ...]] = {
    Role.DOCTOR: ("32", "36"),
    Role.NURSE: ("26", "32", "36", "37", "42"),
    Role.CAREGIVER: ("5", "7", "15", "19", "25"),
}
CATALOGUE = {number: {"zh_CN": zh, "en": en} for number, (zh, en) in ITEMS.items()}

Node = tuple[int, int]


@dataclass
class Town:
    """A town of square blocks with a seeded choice of people and houses."""

    random: Random
    visits: int = 0
    elders: list[str] = field(default_factory=list)

    def name(self) -> str:
        return self.random.choice(SURNAMES) + self.random.choice(GIVEN)

    def node(self) -> Node:
        return self.random.randrange(COLUMNS), self.random.randrange(ROWS)

    def near(self, node: Node) -> Node:
        step = self.random.randint
        return (
            min(max(node[0] + step(-4, 4), 0), COLUMNS - 1),
            min(max(node[1] + step(-4, 4), 0), ROWS - 1),
        )


def place(node: Node) -> Place:
    """The corner of two streets; the town is turned a little, as towns are."""
    x, y = node
    return Place(WEST + BLOCK * (x + 0.15 * y), SOUTH + 0.8 * BLOCK * (y - 0.1 * x))


def way(start: Node, end: Node) -> tuple[Line, int]:
    """Along one street and then the other; the way and its metres."""
    corners = [start, (end[0], start[1]), end]
    metres = METRES_A_BLOCK * (abs(start[0] - end[0]) + abs(start[1] - end[1]))
    return tuple((place(c).lon, place(c).lat) for c in corners), metres


def network() -> str:
    """All streets of the town as GeoJSON."""
    lines = [[(x, y) for x in range(COLUMNS)] for y in range(ROWS)]
    lines += [[(x, y) for y in range(ROWS)] for x in range(COLUMNS)]
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {},
                    "geometry": {
                        "type": "LineString",
                        "coordinates": [[place(n).lon, place(n).lat] for n in line],
                    },
                }
                for line in lines
            ],
        }
    )


def visit(town: Town, at: Node, role: Role, order: int, travel: int, arrival: int) -> BoardVisit:
    """The next call of somebody who arrives at `arrival`."""
    random = town.random
    town.visits += 1
    start = arrival + 60 * random.choice((2, 3, 4, 8))
    minutes = random.choice((20, 25, 30, 40) if role is not Role.CAREGIVER else (30, 45, 60, 60))
    items = tuple(sorted(random.sample(WORK[role], random.randint(1, 2)), key=int))
    floor = random.randint(1, 6)
    return BoardVisit(
        demand=DemandId(f"demand-{town.visits}"),
        order=order,
        elder=ElderId(f"elder-{town.visits}"),
        elder_name=town.name(),
        elder_gender=random.choice(("male", "female")),
        elder_birth=date(random.randint(1928, 1955), random.randint(1, 12), 11),
        phone=f"010-6255{random.randrange(10_000):04d}",
        address=f"清河路{random.randint(1, 120)}号院{random.randint(1, 12)}号楼{floor}0{floor}室",
        floor=floor,
        lift=random.random() < 0.4,
        note=random.choice(("", "", "按门铃两次，听力不好", "东门进，门禁 1024#", "家中有狗")),
        place=place(at),
        items=items,
        programmes=(("ltci",) if role is Role.CAREGIVER else ("home-hospital-bed", "family-bed")),
        windows=((max(start - 3600, 0), start + 3600),),
        travel=travel,
        arrival=arrival,
        start=start,
        end=start + 60 * minutes,
        partner="",
        line=(),
    )


def route(
    town: Town, number: int, role: Role, organization: str, base: Node, shift: Shift
) -> BoardRoute:
    """A day's work that fills the shift, with a break at noon."""
    mode: TravelMode = "e-bike" if number % 3 else "walk"
    speed = 4.2 if mode == "e-bike" else 1.25
    here, clock = base, shift.start + 300
    visits: list[BoardVisit] = []
    pauses: list[BoardPause] = []
    while True:
        if not pauses and clock >= of_clock(time(11, 40)):
            pauses.append(BoardPause(clock, clock + 2700))
            clock += 2700
        there = town.near(here)
        line, metres = way(here, there)
        travel = int(metres / speed) + 60
        call = visit(town, there, role, len(visits) + 1, travel, clock + travel)
        if call.end + 1200 > shift.end:
            break
        visits.append(replace(call, line=line))
        here, clock = there, call.end + 60
    line, metres = way(here, base)
    back = int(metres / speed) + 60
    return BoardRoute(
        staff=StaffId(f"staff-{number}"),
        name=town.name(),
        role=role,
        organization=organization,
        mode=mode,
        base=place(base),
        shifts=(shift,),
        visits=tuple(visits),
        pauses=tuple(pauses),
        home_travel=back,
        home_arrival=clock - 60 + back,
        home_line=line,
    )


def together(first: BoardRoute, second: BoardRoute) -> tuple[BoardRoute, BoardRoute]:
    """Both make the first call of `first`; it starts when both are there, the rest moves back."""
    call = first.visits[0]
    start = max(call.start, second.visits[0].start)
    end = start + 2400
    pair = []
    for member, partner in ((first, second), (second, first)):
        own = member.visits[0]
        there = replace(call, travel=own.travel, arrival=own.arrival, start=start, end=end)
        later = delayed(member, max(end - own.end, 0))
        visits = (replace(there, partner=partner.name, line=own.line), *later.visits[1:])
        pair.append(replace(later, visits=visits))
    return pair[0], pair[1]


def delayed(route: BoardRoute, seconds: int) -> BoardRoute:
    """The same day, everything later."""
    return replace(
        route,
        visits=tuple(
            replace(v, arrival=v.arrival + seconds, start=v.start + seconds, end=v.end + seconds)
            for v in route.visits
        ),
        pauses=tuple(BoardPause(p.start + seconds, p.end + seconds) for p in route.pauses),
        home_arrival=route.home_arrival + seconds,
    )


def unserved(town: Town, number: int) -> BoardUnserved:
    """A visit that no shift has room for."""
    return BoardUnserved(
        demand=DemandId(f"open-{number}"),
        elder=ElderId(f"open-elder-{number}"),
        elder_name=town.name(),
        address=f"清河路{number + 7}号院3号楼201室",
        items=("37", "42") if number % 2 else ("5",),
        windows=((8 * 3600, 10 * 3600), (14 * 3600, 16 * 3600)),
        duration=2700,
        carers=1 + number % 2,
        priority=(5, 9, 3, 7, 5, 8, 4)[number % 7],
        code="unserved.no_capacity",
        facts={
            "at_work": 39,
            "skilled": 12,
            "suitable": 11,
            "reached": 11,
            "in_time": 9,
            "carers": 1 + number % 2,
        },
    )


def board(seed: int = 7) -> DayBoard:
    """The whole day: two organisations of care, one health centre, a night shift, one absence."""
    town = Town(Random(seed))
    teams = (
        (Role.DOCTOR, CENTRE, (9, 8), 3),
        (Role.NURSE, CENTRE, (9, 8), 11),
        (Role.CAREGIVER, STATION, (4, 12), 14),
        (Role.CAREGIVER, HOME, (14, 4), 9),
    )
    routes: list[BoardRoute] = []
    for role, organization, base, count in teams:
        for _ in range(count):
            begin = 3600 * town.random.choice((7, 8, 8, 8, 9))
            shift = Shift(begin, begin + 9 * 3600)
            routes.append(route(town, len(routes) + 1, role, organization, base, shift))
    for pair in range(6):
        a, b = 14 + pair, 28 + pair
        routes[a], routes[b] = together(routes[a], routes[b])
    routes.append(
        route(town, 38, Role.CAREGIVER, STATION, (4, 12), Shift(15 * 3600, 22 * 3600)),
    )
    night = route(town, 39, Role.CAREGIVER, STATION, (4, 12), Shift(20 * 3600, 32 * 3600))
    routes.append(replace(night, visits=night.visits[:2], pauses=(), home_arrival=84_000))
    off = route(town, 40, Role.NURSE, CENTRE, (9, 8), Shift(8 * 3600, 16 * 3600))
    routes.append(
        replace(off, shifts=(), visits=(), pauses=(), home_travel=0, home_arrival=0, home_line=())
    )
    return DayBoard(
        street=STREET,
        street_name="清河街道",
        day=DAY,
        state="published",
        version=3,
        published_at=datetime(2026, 3, 4, 11, 12, tzinfo=UTC),
        routes=tuple(routes),
        unserved=tuple(unserved(town, number) for number in range(7)),
        catalogue=CATALOGUE,
        estimated=False,
        attribution="© OpenStreetMap contributors, ODbL 1.0",
    )


def small() -> DayBoard:
    """Three people of the day, quick to draw and to read in a failing test."""
    whole = board()
    return replace(whole, routes=whole.routes[:3], unserved=whole.unserved[:2])


def past(day: DayBoard) -> Past:
    """A day that was planned, changed by hand because somebody is ill, and told."""
    key = DayKey(STREET, day.day)
    at = datetime(2026, 3, 4, 11, 12, tzinfo=UTC)
    whys = (
        Why("run", "clock", based_on=0, at=at),
        Why("hand", "scheduler", "赵护理员请假 <b>1</b>", based_on=1, at=at),
        Why("publish", "scheduler", based_on=2, at=at),
    )
    rows = tuple(
        DayVersion(key, n, "published" if n == 3 else "draft", why, 340, 2)
        for n, why in enumerate(whys, start=1)
    )
    return Past(Versions(key, 3, 3, history(rows), rows))


def empty() -> DayBoard:
    """A day for which nothing is planned, without staff."""
    return replace(
        board(), state="empty", version=0, published_at=None, routes=(), unserved=(), catalogue={}
    )


def streets() -> tuple[StreetDays, ...]:
    """One street with two planned days."""
    days = (
        DaySummary(DAY, "published", 340, 7),
        DaySummary(date(2026, 3, 6), "draft", 338, 0),
    )
    return (StreetDays(STREET, "清河街道", days),)
