"""Laws of every travel matrix, and an independent search on the raw streets."""

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from carecoord.streets import EBIKE, UNREACHABLE, WALK, Mode, Network, Place, Travel, estimate
from carecoord.streets.osm import RawStreets, Way
from carecoord.streets.place import Plane, great_circle
from tests.streets.town import PLANE, place

KINDS = ["residential", "primary", "footway", "steps", "motorway"]


@dataclass(frozen=True)
class Case:
    """A random street plan and random places on and beside it."""

    raw: RawStreets
    places: list[Place]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(3, 12))
    spot = st.tuples(st.integers(0, 20), st.integers(0, 20))
    at = np.array(draw(st.lists(spot, min_size=count, max_size=count))) * 45.0
    lon, lat = PLANE.degrees(at)
    ways = []
    for _ in range(draw(st.integers(1, 8))):
        nodes = draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=5))
        nodes = [a for a, b in zip(nodes, [*nodes[1:], -1], strict=True) if a != b]
        tags = {"highway": draw(st.sampled_from(KINDS))}
        if draw(st.booleans()):
            tags["oneway"] = draw(st.sampled_from(["yes", "-1", "no"]))
        if len(nodes) > 1:
            ways.append(Way(tuple(nodes), tags))
    gates = {node: {"barrier": "wall"} for node in draw(st.sets(st.integers(0, 11), max_size=1))}
    gates = {node: tags for node, tags in gates.items() if node < count}
    raw = RawStreets(lon, lat, gates, tuple(ways), (), (120.0, 31.0, 121.0, 32.0))
    # Odd offsets: a place exactly between two streets has no single nearest one.
    beside = st.tuples(st.integers(0, 900), st.integers(0, 900))
    spots = draw(st.lists(beside, min_size=2, max_size=6))
    homes = [place(east + 0.37, north + 0.61) for east, north in spots]
    homes += [Place(float(lon[node]), float(lat[node])) for node in draw(st.sets(
        st.integers(0, count - 1), max_size=2))]  # fmt: skip
    return Case(raw, homes)


modes = st.sampled_from([WALK, EBIKE])


def matrix(case: Case, mode: Mode) -> Travel:
    return Network(case.raw, name="random").travel(case.places, mode)


def split_streets(case: Case, mode: Mode, travel: Travel) -> dict[object, dict[object, float]]:
    """Seconds along allowed pieces, cut where places meet them; plain dictionaries.

    Shares with the tested code only the rule which way may be used and how fast, and which
    point on the streets is nearest, found here by trying every piece.
    """
    raw, links = case.raw, {}  # type: ignore[var-annotated]
    plane = Plane(float(np.mean(raw.lon)), float(np.mean(raw.lat)))
    flat = plane.metres(raw.lon, raw.lat)
    pieces = []
    for way in raw.ways:
        along, against = mode.speeds_on(way.tags)
        for number, (a, b) in enumerate(pairwise(way.nodes)):
            names = [
                ("dead end", id(way), number, node) if node in raw.gates else node
                for node in (a, b)
            ]
            if along or against:
                pieces.append((a, b, *names, along, against))
                for end in names:
                    links.setdefault(end, {})
    cuts: dict[int, list[tuple[float, int]]] = {}
    for row, home in enumerate(case.places):
        if not np.isfinite(travel.snap_metres[row]):
            continue
        point = plane.metres(np.array([home.lon]), np.array([home.lat]))[0]
        options = []
        for number, (a, b, *_) in enumerate(pieces):
            run = flat[b] - flat[a]
            square = float(run @ run)
            share = min(1.0, max(0.0, float((point - flat[a]) @ run) / square)) if square else 0.0
            options.append((math.dist(point, flat[a] + run * share), number, share))
        near = [o for o in options if abs(o[0] - travel.snap_metres[row]) < 1e-6]
        assert near, "the reported distance is that of some street"
        # Streets drawn twice, or a walled corner: more than one nearest point, no one answer.
        assume(len({_meeting(pieces[n], n, share) for _, n, share in near}) == 1)
        _, number, share = near[0]
        cuts.setdefault(number, []).append((share, row))
    for number, (a, b, start, end, along, against) in enumerate(pieces):
        metres = float(great_circle(raw.lon[a], raw.lat[a], raw.lon[b], raw.lat[b]))
        stops = [(0.0, start), *((share, ("home", row)) for share, row in
                 sorted(cuts.get(number, []))), (1.0, end)]  # fmt: skip
        for (low, one), (high, two) in pairwise(stops):
            length = metres * (high - low)
            # A home at the very end of a piece stands at the junction itself.
            free = length < 1e-9
            for x, y, speed in ((one, two, along), (two, one, against)):
                if speed or free:
                    seconds = length * 3.6 / speed if speed else 0.0
                    links.setdefault(x, {})[y] = min(links.get(x, {}).get(y, math.inf), seconds)
    return links


def _meeting(piece: tuple[Any, ...], number: int, share: float) -> object:
    return piece[2] if share == 0 else piece[3] if share == 1 else (number, share)


def search(links: dict[object, dict[object, float]], source: object) -> dict[object, float]:
    best: dict[object, float] = {}
    queue = [(0.0, 0, source)]
    tie = 0
    while queue:
        cost, _, node = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = cost
        for other, seconds in links.get(node, {}).items():
            tie += 1
            heapq.heappush(queue, (cost + seconds, tie, other))
    return best


@settings(max_examples=400, deadline=None)
@given(cases(), modes)
def test_times_equal_an_independent_search_on_the_raw_streets(case: Case, mode: Mode) -> None:
    travel = matrix(case, mode)
    cut = {problem.row for problem in travel.problems if problem.code in ("place.outside",
        "place.cut_off")}  # fmt: skip
    links = split_streets(case, mode, travel)
    for row in range(len(case.places)):
        reached = search(links, ("home", row)) if row not in cut else {}
        for col in range(len(case.places)):
            expected = reached.get(("home", col), math.inf)
            if case.places[row] == case.places[col] and row not in cut:
                expected = 0.0
            else:
                expected += (travel.snap_metres[row] + travel.snap_metres[col]) * 3.6 / 4.5
            if row == col:
                assert travel.seconds[row, col] == 0
            elif col in cut or not math.isfinite(expected):
                assert travel.seconds[row, col] == UNREACHABLE
            else:
                # Rounded up to whole seconds; milliseconds of each street are rounded too.
                assert expected - 0.1 <= travel.seconds[row, col] <= expected + 1.1


@settings(max_examples=200, deadline=None)
@given(cases(), modes)
def test_a_detour_over_a_third_place_is_never_shorter(case: Case, mode: Mode) -> None:
    seconds = matrix(case, mode).seconds.astype(np.int64)

    over = seconds[:, :, None] + seconds[None, :, :]
    assert (seconds <= over.min(axis=1)).all()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_walking_there_takes_as_long_as_walking_back(case: Case) -> None:
    travel = matrix(case, WALK)

    assert (travel.seconds == travel.seconds.T).all()
    assert (travel.metres == travel.metres.T).all()


@settings(max_examples=200, deadline=None)
@given(cases(), modes)
def test_only_the_diagonal_and_equal_places_cost_nothing(case: Case, mode: Mode) -> None:
    travel = matrix(case, mode)

    assert travel.seconds.dtype == travel.metres.dtype == np.int32
    for row, start in enumerate(case.places):
        for col, end in enumerate(case.places):
            if row == col:
                assert travel.seconds[row, col] == travel.metres[row, col] == 0
            elif travel.seconds[row, col] == 0:
                # Different places may still share a corner of a street.
                assert start == end or travel.snap_metres[[row, col]].sum() < 0.01


@settings(max_examples=200, deadline=None)
@given(cases(), modes)
def test_unreachable_places_are_listed_and_listed_places_stay_in_the_matrix(
    case: Case, mode: Mode
) -> None:
    travel = matrix(case, mode)
    apart = {problem.row for problem in travel.problems if not problem.reachable}
    together = [row for row in range(len(case.places)) if row not in apart]

    assert travel.seconds.shape == (len(case.places),) * 2
    assert (travel.seconds[np.ix_(together, together)] < UNREACHABLE).all()


@settings(max_examples=100, deadline=None)
@given(cases(), modes)
def test_a_line_is_as_long_as_the_matrix_says(case: Case, mode: Mode) -> None:
    network = Network(case.raw, name="random")
    travel = network.travel(case.places, mode)
    legs = [(start, end) for start in case.places for end in case.places]
    lines = iter(network.lines(legs, mode))
    for row, start in enumerate(case.places):
        for col, end in enumerate(case.places):
            line = next(lines)
            if start == end:
                assert line == [(round(start.lon, 7), round(start.lat, 7))] or row != col
                continue
            assert (line == []) == (travel.seconds[row, col] == UNREACHABLE)
            if line:
                at = np.array(line)
                length = great_circle(at[:-1, 0], at[:-1, 1], at[1:, 0], at[1:, 1]).sum()
                # Flat distances to the street and coordinates to 1 cm.
                assert abs(length - travel.metres[row, col]) < 2 + 0.002 * length


@given(st.lists(st.builds(Place, st.floats(115, 118), st.floats(39, 41)), max_size=6), modes)
def test_estimates_are_marked_and_follow_the_great_circle(homes: list[Place], mode: Mode) -> None:
    travel = estimate(homes, mode)

    assert travel.estimated
    assert travel.problems == ()
    assert (travel.seconds == travel.seconds.T).all()
    for row, start in enumerate(homes):
        for col, end in enumerate(homes):
            ends = (np.array([v]) for v in (start.lon, start.lat, end.lon, end.lat))
            metres = 1.4 * float(great_circle(*ends)[0])
            assert abs(travel.metres[row, col] - metres) <= 0.51
            assert metres * 3.6 / mode.direct - 0.01 <= travel.seconds[row, col]
            assert travel.seconds[row, col] <= metres * 3.6 / mode.direct + 1
