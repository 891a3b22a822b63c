"""Files nobody published: other sizes, other line ends, other cases, and broken ones."""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from solver import Options, check, solve
from tests.bench.published import ROOT

from bench.formats import bredstrom, hconvrp, mankowska, solomon  # isort: skip
from bench.formats.files import BadFile, find, load, name_of  # isort: skip

assert ROOT.is_dir()

SOLOMON = """t1

VEHICLE
NUMBER CAPACITY
 2 20

CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME

 0 0 0 0 0 230 0
 1 3 4 10 0 200 10
 2 0 7 10 0 200 10
 3 6 8 10 100.5 200 0
"""
TEXT = """nbNodes
4
nbVehi
2
nbServi
2
r
1 1
1 0
1 1
1 1
DS
2
a
1 0
0 1
x
0 3 0 0
y
0 4 7 0
d
0 5 7 0
5 0 4.2 5
7 4.2 0 7
0 5 7 0
p
0 0
0 0
10 10
12 10
20 20
20 20
0 0
0 0
mind
0 0 5 0
maxd
0 0 9 0
e
0 0 50 0
l
0 60 90 0
"""
BODY = {
    "patients": [
        {"id": "p1", "time_window": [0, 60], "required_caregivers": [{"service": "s1"}]},
        {
            "id": "p2",
            "time_window": [50, 90],
            "required_caregivers": [
                {"service": "s1", "duration": 20},
                {"service": "s2", "duration": 20},
            ],
            "synchronization": {"type": "sequential", "distance": [5, 9]},
        },
    ],
    "services": [{"id": "s1", "default_duration": 10}, {"id": "s2"}],
    "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s2"]}],
    "central_offices": [{"id": "d"}],
    "distances": [[0, 5, 7], [5, 0, 4.2], [7, 4.2, 0]],
}
PAIRS = """set Shared_Visited:= (1,2),;
param kn:= 2;
param dn:= 1;
param T:= 100;
param s_id: 1 :=
0 0
1 10
2 10
3 5
;
param t_ij: 0 1 2 3 :=
0 0 5 5 7
1 5 10000 10000 4
2 5 10000 10000 4
3 7 4 4 10000
;
param e_id: 1 :=
0 0
1 20
2 20
3 0
;
param l_id: 1 :=
0 100
1 30
2 30
3 90
;
"""
PERIOD = """NAME t
MAXTIME 40
DAYS 2
FLEET SIZE 2
VEHICLE TYPES 2
TYPE1 1 18 130 5 1
TYPE2 1 15 100 3 1
CUSTOMERS 3
DEPOT 0 0
CUSTOMERCOORDINATES
3 4 1
0 7 1
CUSTOMERDEMANDS
1 3 3
2 0 4
COMPATIBILITY RESTRICTIONS
1 1 0
2 1 1
"""


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    packed = lzma.compress(text.encode()) if name.endswith("xz") else text.encode()
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize("name", ["a.txt", "A.TXT", "a.txt.xz"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "read", "count"),
    [
        (SOLOMON, solomon.read, 3),
        (TEXT, mankowska.read, 3),
        (json.dumps(BODY, indent=1), mankowska.read, 3),
        (PAIRS, bredstrom.read, 3),
    ],
    ids=["solomon", "text", "json", "pairs"],
)
def test_any_file_of_a_format_is_read_and_solved(
    tmp_path: Path, name: str, ends: str, text: str, read: Callable[..., object], count: int
) -> None:
    problem = load(put(tmp_path, name, text.replace("\n", ends)), read)
    options = Options(seconds=60, iterations=50, weights=mankowska.WEIGHTS)
    solution = solve(problem, options)  # type: ignore[arg-type]

    assert len(problem.visits) == count  # type: ignore[attr-defined]
    assert solution.unserved == ()
    assert check(problem, solution, options).ok  # type: ignore[arg-type]


def test_a_text_and_its_json_are_the_same_day(tmp_path: Path) -> None:
    one = load(put(tmp_path, "a.txt", TEXT), mankowska.read)
    two = load(put(tmp_path, "b.json", json.dumps(BODY)), mankowska.read)

    assert [(v.windows, v.preferred, v.place) for v in one.visits] == [
        (v.windows, v.preferred, v.place) for v in two.visits
    ]
    assert [(k.min_gap, k.max_gap) for k in one.links] == [(5000, 9000)]
    # In the text the second carer takes longer for the first patient.
    assert dict(one.visits[0].duration_by) == {"c0": 10_000, "c1": 12_000}
    assert two.visits[0].duration == 10_000


def test_solomon_times_are_tenths_and_distances_cut_to_them(tmp_path: Path) -> None:
    problem = load(put(tmp_path, "a.txt", SOLOMON), solomon.read)

    assert problem.travel[0][1].tolist() == [50, 0, 42, 50]
    assert problem.visits[2].windows[0].earliest == 1005
    assert (len(problem.staff), problem.staff[0].shifts[0].capacity) == (2, 20)


BROKEN: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "solomon without fleet": (SOLOMON.replace("VEHICLE", "CARS"), solomon.read, "VEHICLE"),
    "solomon without customers": (SOLOMON[: SOLOMON.index(" 1 3 4")], solomon.read, "CUSTOMER"),
    "solomon word": (SOLOMON.replace("100.5", "noon"), solomon.read, "line 13, ready time: 'noon'"),
    "solomon short line": (SOLOMON.replace("7 10 0 200 10", "7"), solomon.read, "line 12"),
    "solomon window": (SOLOMON.replace("100.5", "201"), solomon.read, "window"),
    "text without table": (TEXT.replace("maxd", "nothing"), mankowska.read, "maxd"),
    "text word": (TEXT.replace("4.2", "far", 1), mankowska.read, "d: "),
    "text short table": (TEXT.replace("0 0 9 0", "0"), mankowska.read, "maxd: 1 numbers"),
    "json syntax": (json.dumps(BODY)[:-1], mankowska.read, "a.txt"),
    "json key": (json.dumps({**BODY, "caregivers": [{}]}), mankowska.read, "abilities"),
    "json patients": (json.dumps({**BODY, "patients": [{}]}), mankowska.read, "patients[0].id"),
    "json matrix": (json.dumps({**BODY, "distances": [[0, 1]]}), mankowska.read, "travel[0]"),
    "pairs without day": (PAIRS.replace("param T", "param D"), bredstrom.read, "param T"),
    "pairs word": (PAIRS.replace("1 20", "1 noon"), bredstrom.read, "param e_id"),
    "pairs row": (PAIRS.replace("3 90\n", ""), bredstrom.read, "a.txt: 3"),
    "period without days": (PERIOD.replace("DAYS 2", ""), hconvrp.read, "DAYS"),
    "period customer": (PERIOD.replace("2 0 4", "9 0 4"), hconvrp.read, "customer 9"),
    "period word": (PERIOD.replace("0 7 1", "0 x 1"), hconvrp.read, "CUSTOMERCOORDINATES"),
    "not text": ("\0", solomon.read, "VEHICLE"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_line_with_file_and_field(tmp_path: Path, name: str) -> None:
    text, read, field = BROKEN[name]
    path = put(tmp_path, "a.txt", text)
    with pytest.raises(BadFile) as caught:
        load(path, read)

    assert str(path) in str(caught.value)
    assert field in str(caught.value)
    assert "\n" not in str(caught.value)


def test_instances_are_found_by_name_in_any_case_and_tables_are_none(tmp_path: Path) -> None:
    (tmp_path / "bks").mkdir()
    (tmp_path / "solomon").mkdir()
    for name in ("solomon/C101.TXT", "solomon/r1.txt.xz", "bks/c101.sol", "README.md", "best.json"):
        (tmp_path / name).write_text("", encoding="ascii")

    assert [name_of(p) for p in find(tmp_path, "*", deep=True)] == ["C101", "r1"]
    assert [name_of(p) for p in find(tmp_path, "c1*, Solomon/R*", deep=True)] == ["C101", "r1"]
    with pytest.raises(BadFile, match="--instances"):
        find(tmp_path, "rc*", deep=True)
    with pytest.raises(BadFile, match="--data"):
        find(tmp_path / "none", "*")


def test_a_value_published_for_another_case_of_letters_counts(tmp_path: Path) -> None:
    (tmp_path / "bks").mkdir()
    (tmp_path / "bks" / "c101.SOL").write_text("Route #1: 1\nCost 827.3\n", encoding="ascii")
    (tmp_path / "bks" / "c102.sol").write_text("Route #1: 1\r\nCost 827.3\r\n", encoding="ascii")

    assert solomon.best_known(tmp_path, "C102") == 8273
    assert solomon.best_known(tmp_path, "C103") is None
    assert mankowska.best_known(tmp_path) == {}
    assert bredstrom.best_known(tmp_path) == {}


def test_a_period_knows_who_may_come_and_the_judge_sees_every_fault(tmp_path: Path) -> None:
    period = load(put(tmp_path, "a.txt", PERIOD), hconvrp.read)
    call = hconvrp.Call
    good = {(0, 0): [call(1, 5)], (1, 0): [call(1, 5.5), call(2, 11)]}
    report = hconvrp.judge(period, good, 0.5)

    assert period.allowed[1:] == (frozenset({0}), frozenset({0, 1}))
    assert report.faults == ()
    assert report.cost == pytest.approx(2 * 130 + 5 * (5 + 5) + 5 * (5 + 18**0.5 + 7))
    assert (report.apart, report.unserved) == (0.5, 0)
    late = {(0, 0): [call(1, 36)], (1, 0): good[1, 0]}
    for rule, routes in {
        "arrivals": {**good, (0, 0): [call(1, 7)]},
        "days": {(1, 0): good[1, 0]},
        "driver": {**good, (0, 0): [], (0, 1): [call(1, 5)]},
        "compatible": {**good, (0, 0): [], (0, 1): [call(1, 5)]},
        "time": {(0, 0): [call(1, 4.9)], (1, 0): [call(1, 5.0), call(2, 11)]},
        "duration": late,
        "capacity": {**good, (1, 0): [call(1, 5.5), call(2, 11)] * 3},
    }.items():
        assert rule in {fault.rule for fault in hconvrp.judge(period, routes, 0.5).faults}
