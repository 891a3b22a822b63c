"""Bad problems get a coded error that names the field, before any search."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solver import (
    UNREACHABLE,
    Apart,
    Break,
    Link,
    Options,
    Pace,
    Pin,
    Problem,
    ProblemError,
    Shift,
    Staff,
    Visit,
    Weights,
    Window,
    solve,
)
from solver.__main__ import main
from solver.codec import problem_from_json

DAY = (Window(0, 80_000),)
SQUARE = np.zeros((2, 2), dtype=np.int32)


def visit(id_: str = "v", **more: object) -> Visit:
    return Visit(**({"id": id_, "place": 0, "duration": 60, "windows": DAY} | more))  # type: ignore[arg-type]


def problem(**more: object) -> Problem:
    base: dict[str, object] = {"visits": (visit(),), "staff": (), "travel": (SQUARE,)}
    return Problem(**(base | more))  # type: ignore[arg-type]


def plain_visit(**more: object) -> dict[str, object]:
    window = {"earliest": 0, "latest": 9}
    return {"id": "v", "place": 0, "duration": 60, "windows": [window]} | more


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("window.order", lambda: Window(5, 4)),
    ("number.range", lambda: Window(-1, 4)),
    ("number.range", lambda: visit(duration=0)),
    ("number.range", lambda: visit(duration=1.5)),
    ("number.range", lambda: visit(carers=9)),
    ("number.range", lambda: visit(penalty=10**12)),
    ("number.range", lambda: visit(preference={"s": 10**12})),
    ("visit.windows", lambda: visit(windows=())),
    ("visit.windows_overlap", lambda: visit(windows=(Window(0, 9), Window(9, 12)))),
    ("visit.id", lambda: visit("")),
    ("name.type", lambda: visit(required=frozenset({7}))),
    ("name.type", lambda: visit(group="")),
    ("name.type", lambda: Link("a", 7)),  # type: ignore[arg-type]
    ("name.type", lambda: Pin("v", (None,))),  # type: ignore[arg-type]
    ("name.type", lambda: Staff("s", (), areas=frozenset({""}))),
    ("flag.type", lambda: visit(mandatory=1)),
    ("number.range", lambda: Shift(8, 9, start_place="home")),  # type: ignore[arg-type]
    ("number.range", lambda: Shift(8, 9, 0, -1)),
    ("shift.order", lambda: Shift(9, 8)),
    ("number.range", lambda: Shift(8, 9, hard_end=8)),
    ("shift.breaks_overlap", lambda: Shift(0, 99, breaks=(Break(5, 9, 5), Break(9, 20, 5)))),
    ("staff.shifts_overlap", lambda: Staff("s", (Shift(0, 9), Shift(8, 12)))),
    ("link.self", lambda: Link("a", "a")),
    ("link.gap", lambda: Link("a", "b", 5, 4)),
    ("link.carers", lambda: Link("a", "b", carers="some")),  # type: ignore[arg-type]
    ("id.twice", lambda: problem(visits=(visit("a"), visit("a")))),
    ("visit.place", lambda: problem(visits=(visit(place=2),))),
    ("staff.mode", lambda: problem(staff=(Staff("s", (), mode=1),))),
    ("staff.place", lambda: problem(staff=(Staff("s", (Shift(0, 9, 7, 0),)),))),
    ("link.visit", lambda: problem(links=(Link("v", "w"),))),
    (
        "link.cycle",
        lambda: problem(visits=(visit("a"), visit("b")), links=(Link("a", "b"), Link("b", "a"))),
    ),
    (
        "link.same_carers",
        lambda: problem(
            visits=(visit("a"), visit("b", carers=2)), links=(Link("a", "b", carers="same"),)
        ),
    ),
    ("pin.visit", lambda: problem(pins=(Pin("w"),))),
    ("pin.staff", lambda: problem(pins=(Pin("v", ("nobody",)),))),
    ("pin.carers", lambda: problem(staff=(Staff("s", ()),), pins=(Pin("v", ("s", "s")),))),
    ("pin.twice", lambda: problem(pins=(Pin("v", start=5), Pin("v", first=True)))),
    ("pin.order", lambda: Pin("v", after="v")),
    ("pin.order", lambda: Pin("v", after="w", first=True)),
    ("number.range", lambda: Pin("v", start=-1)),
    ("pin.after", lambda: problem(pins=(Pin("v", after="w"),))),
    (
        "pin.cycle",
        lambda: problem(
            visits=(visit("a"), visit("b")), pins=(Pin("a", after="b"), Pin("b", after="a"))
        ),
    ),
    (
        "pin.cycle",
        lambda: problem(
            visits=(visit("a"), visit("b")), links=(Link("a", "b"),), pins=(Pin("a", after="b"),)
        ),
    ),
    (
        "pin.followers",
        lambda: problem(
            visits=(visit("a"), visit("b"), visit("c")),
            pins=(Pin("a", after="c"), Pin("b", after="c")),
        ),
    ),
    ("apart.self", lambda: Apart("a", "a")),
    ("number.range", lambda: Apart("a", "b", -1)),
    ("apart.visit", lambda: problem(apart=(Apart("v", "w"),))),
    ("number.range", lambda: Pace("care", 0, 60)),
    ("number.range", lambda: Pace("care", 1, 0)),
    ("number.range", lambda: visit(duration_by={"s": 0})),
    ("number.range", lambda: visit(due=-1)),
    ("number.range", lambda: Staff("s", (), max_travel=-1)),
    ("number.range", lambda: Staff("s", (), max_leg=1.5)),  # type: ignore[arg-type]
    ("number.range", lambda: Staff("s", (), cost_hour=10**12)),
    ("number.range", lambda: Staff("s", (), cost_km=-1)),
    ("metres.none", lambda: problem(staff=(Staff("s", (), cost_km=5),))),
    ("metres.sizes", lambda: problem(metres=(SQUARE, SQUARE))),
    ("travel.value", lambda: problem(metres=(np.full((2, 2), -1),))),
    ("number.range", lambda: Weights(hard=-1)),
    ("travel.none", lambda: problem(travel=())),
    ("travel.shape", lambda: problem(travel=(np.zeros((2, 3), dtype=np.int32),))),
    ("travel.sizes", lambda: problem(travel=(SQUARE, np.zeros((3, 3), dtype=np.int32)))),
    ("travel.type", lambda: problem(travel=(np.full((2, 2), np.nan),))),
    ("travel.value", lambda: problem(travel=(np.full((2, 2), -1),))),
    ("travel.value", lambda: problem(travel=(np.full((2, 2), UNREACHABLE + 1),))),
    ("number.range", lambda: Weights(travel=-1)),
    ("number.range", lambda: Weights(travel=10**10)),
    ("number.range", lambda: Options(seconds=0)),
    ("options.unknown", lambda: Options.from_toml("secnds = 3")),
    ("options.preset", lambda: Options.preset("nobody")),
    ("options.toml", lambda: Options.from_toml("seconds = = 3")),
    ("json.syntax", lambda: problem_from_json("{")),
    ("json.format", lambda: problem_from_json("{}")),
    ("json.version", lambda: problem_from_json('{"format":"solver.problem","version":99}')),
    ("number.range", lambda: problem_from_json('{"a": NaN}')),
    ("json.syntax", lambda: problem_from_json("[" * 100_000)),
]


@pytest.mark.parametrize(("code", "build"), REFUSED)
def test_an_impossible_value_is_refused_with_its_code_and_field(
    code: str, build: Callable[[], object]
) -> None:
    with pytest.raises(ProblemError) as caught:
        build()

    assert caught.value.code == code
    assert caught.value.field


BAD_FILES = [
    (
        {
            "visits": [plain_visit(id="a"), plain_visit(id="b")],
            "links": [{"first": "a", "second": "b"}, {"first": "b", "second": "a"}],
        },
        "link.cycle",
        "links",
    ),
    ({"visits": [plain_visit(windows=[{"earliest": 5, "latest": 4}])]}, "window.order", "windows"),
    ({"visits": [plain_visit(place=7)]}, "visit.place", "visits[v].place"),
    ({"travel": [[[0, -1], [1, 0]]]}, "travel.value", "travel[0][0][1]"),
    ({"travel": [[[0, 1], [1]]]}, "travel.shape", "travel[0]"),
    ({"travel": [[[0, float("nan")], [1, 0]]]}, "number.range", "travel[0][0][1]"),
    ({"travel": [[[0, float("inf")], [1, 0]]]}, "number.range", "travel[0][0][1]"),
    ({"travel": [[[0, 10**30], [1, 0]]]}, "travel.value", "travel[0][0][1]"),
    ({"visits": [plain_visit(penalty=10**30)]}, "number.range", "visits[v].penalty"),
    ({"visits": [plain_visit(preference={"s": 10**30})]}, "number.range", "preference[s]"),
]


@pytest.mark.parametrize(("part", "code", "field"), BAD_FILES)
def test_a_bad_file_is_refused_by_the_command_before_any_search(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    part: dict[str, object],
    code: str,
    field: str,
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    plain = {"format": "solver.problem", "version": 1, "staff": [], "travel": [[[0]]]}
    source, out = tmp_path / "p.json", tmp_path / "s.json"
    source.write_text(json.dumps(plain | {"visits": [plain_visit()]} | part))

    assert main([str(source), "--out", str(out)]) == 2
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    told = json.loads(line)
    assert (said.out, told["code"], out.exists()) == ("", code, False)
    assert field in told["field"] and told["facts"]


def test_options_are_read_from_toml() -> None:
    options = Options.from_toml("seconds = 5\nseed = 3\n[weights]\ntravel = 7\n")

    assert (options.seconds, options.seed, options.weights.travel) == (5, 3, 7)


FAR = np.full((2, 2), 100_000_000, dtype=np.int64)


@pytest.mark.parametrize(
    ("field", "weights", "person"),
    [
        ("weights.travel", Weights(travel=10**9), Staff("s", (Shift(0, 9),))),
        ("staff.cost_km", Weights(), Staff("s", (Shift(0, 9),), cost_km=10**9)),
    ],
)
def test_costs_that_leave_the_numbers_of_the_search_are_refused_before_it(
    field: str, weights: Weights, person: Staff
) -> None:
    many = tuple(visit(f"v{k}") for k in range(60))
    day = problem(visits=many, staff=(person,), travel=(FAR,), metres=(FAR,))
    with pytest.raises(ProblemError) as caught:
        solve(day, Options(weights=weights))

    assert (caught.value.code, caught.value.field) == ("cost.overflow", field)
    few = replace(person, cost_km=min(person.cost_km, 1))
    near = problem(visits=many, staff=(few,), travel=(SQUARE,), metres=(SQUARE,))
    assert solve(near, Options(seconds=9, iterations=1, weights=weights)).total > 0
