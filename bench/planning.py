"""How fast does planning a street answer people: fit, explain, replace, repair?

    python bench/planning.py [--visits 150 450 1000] [--seed N] [--asks N] [--json FILE]

A fictional street on a fresh SQLite folder whose day has about so many visits, planned by a real
run. Then, over the flows that HTTP calls: a visit, a visit for two and a series are fitted,
unserved visits explained, an absence covered, and the published day repaired after somebody did not
come; each question with the database read it costs. Repair is compared with solving anew what is
left: cost without the price of changed promises, visits left undone, promises changed.
The first question of a day reads and builds it (cold); later ones find it ready (warm).
Wall clock and CPU time are both told: compare CPU on a machine that does other things.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from carecoord.access import everything
from carecoord.demo import run as demo
from carecoord.flows import absences as absences_of
from carecoord.flows import drawing, explain, fit, repair, standing
from carecoord.flows.fit import Ask, Described, Wanted
from carecoord.model import time
from carecoord.model.happenings import StaffAbsent
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.staff import Level
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning.changes import changes
from carecoord.planning.series import Pattern
from carecoord.settings import Settings
from carecoord.store import days, demands
from carecoord.store.engine import Database, sqlite_url
from solver import Options, Solution, solve

CALLER = everything("bench")
HOUR = 3600
ELDERS_PER_VISIT = 0.93
"""The fictional street asks for about this many visits a day for each elder, inverted."""


@dataclass
class Timed:
    """Milliseconds of one kind of question, wall clock and CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, ask: Callable[[], object]) -> object:
        """Time one question."""
        begun, used = perf_counter(), process_time()
        answer = ask()
        self.wall.append(1000 * (perf_counter() - begun))
        self.cpu.append(1000 * (process_time() - used))
        return answer

    def figures(self, name: str) -> dict[str, float]:
        """Median and 95th percentile."""
        return {
            f"{name} p50 ms": _at(self.wall, 50),
            f"{name} p95 ms": _at(self.wall, 95),
            f"{name} cpu p50 ms": _at(self.cpu, 50),
            f"{name} cpu p95 ms": _at(self.cpu, 95),
        }


def _at(values: Sequence[float], percent: int) -> float:
    """A percentile, by rank; of nothing it is 0."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, len(ranked) * percent // 100)], 1)


@dataclass
class Town:
    """One planned street-day to ask."""

    database: Database
    data: Path
    street: StreetId
    day: date
    dice: random.Random

    def described(self, carers: int = 1) -> Described:
        """A visit somewhere in the street, at some time of the day, of an hour at most."""
        with self.database.read() as tx:
            homes = [d.elder for d in demands.on(tx, self.street, self.day)]
        begin = self.dice.randrange(7, 16) * HOUR
        return Described(
            elder=ElderId(self.dice.choice(homes)),
            windows=((begin, begin + 2 * HOUR),),
            minutes=self.dice.choice([20, 30, 40, 60]),
            level=self.dice.choice([Level.CAREGIVER, Level.CAREGIVER, Level.NURSE]),
            carers=carers,
        )


def fitted(town: Town, asks: int, table: dict[str, float]) -> None:
    """Fit of a visit, of a visit for two, and of a series."""
    ask = Ask(town.data)
    cold, single, pair, series = Timed(), Timed(), Timed(), Timed()
    found = 0

    def one(carers: int) -> Callable[[], object]:
        wanted = Wanted(described=town.described(carers))

        def look() -> object:
            with town.database.read() as tx:
                return fit.fit_day(tx, CALLER, town.street, town.day, wanted, ask)

        return look

    for k in range(asks + 1):
        answer = (single if k else cold).add(one(1))
        found += bool(getattr(answer, "places", ()))
    for _ in range(max(1, asks // 3)):
        pair.add(one(2))
    pattern = Pattern(town.day, per_week=3, weeks=1, spacing=2, other_carer=3_600)
    for _ in range(max(1, asks // 10)):
        visit = town.described()

        def look(visit: Described = visit) -> object:
            with town.database.read() as tx:
                return fit.fit_series(tx, CALLER, town.street, pattern, visit, ask)

        series.add(look)
    table["fit found %"] = round(100 * found / (asks + 1))
    table |= cold.figures("fit cold")
    table |= single.figures("fit single")
    table |= pair.figures("fit pair")
    table |= series.figures("fit series of 1 week")


def explained(town: Town, asks: int, table: dict[str, float]) -> None:
    """Why a visit stays undone, why not somebody else, and who could take over."""
    ask = Ask(town.data)
    why, instead, cover = Timed(), Timed(), Timed()
    with town.database.read() as tx:
        plan = days.read(tx, DayKey(town.street, town.day))
    undone = [one.demand for one in plan.unserved]
    staff = sorted({stop.staff for stop in plan.stops})
    relaxed = 0

    def of(demand: DemandId) -> Callable[[], explain.Explanation]:
        def look() -> explain.Explanation:
            with town.database.read() as tx:
                return explain.unserved(tx, CALLER, town.street, town.day, demand, ask)

        return look

    for demand in undone[: max(1, asks // 2)]:
        answer = why.add(of(demand))
        relaxed += bool(getattr(answer, "relaxations", ()))
    for _ in range(asks):
        stop = town.dice.choice(plan.stops)
        other = StaffId(town.dice.choice([one for one in staff if one != stop.staff]))

        def look(demand: DemandId = stop.demand, other: StaffId = other) -> object:
            with town.database.read() as tx:
                return explain.instead_of(tx, CALLER, town.street, town.day, demand, other, ask)

        try:
            instead.add(look)
        except fit.Conflict:
            continue  # The other one makes it too.
    for who in town.dice.sample(staff, min(len(staff), max(1, asks // 10))):

        def covered(who: StaffId = who) -> object:
            with town.database.read() as tx:
                return explain.cover(tx, CALLER, town.street, town.day, who, ask)

        cover.add(covered)
    table["unserved"] = len(undone)
    table["explained"] = len(why.wall)
    table["with a relaxation"] = relaxed
    table |= why.figures("explain unserved")
    table |= instead.figures("explain instead")
    table |= cover.figures("replacements")


def repaired(town: Town, absences: int, iterations: int, table: dict[str, float]) -> None:
    """Somebody does not come: the first answer, the best one, and the day solved anew."""
    first, best, anew = Timed(), Timed(), Timed()
    rules = load().on(town.day, town.street)
    key = DayKey(town.street, town.day)
    with town.database.write() as tx:
        version = days.version(tx, key)
        days.publish(tx, key, Why("publish", "bench"), expected=version)
        plan = days.read(tx, key)
    staff = sorted({stop.staff for stop in plan.stops})
    changed: list[int] = []
    changed_anew: list[int] = []
    more: list[float] = []
    left: list[int] = []
    for who in town.dice.sample(staff, min(len(staff), absences)):
        away = StaffAbsent(who, time.instant(town.day, 0), time.instant(town.day, time.DAY))

        def repair_of(how: repair.How, away: StaffAbsent = away) -> repair.Answer:
            # What a read transaction writes is undone at its end.
            with town.database.read() as tx:
                return repair.answer(
                    tx,
                    CALLER,
                    town.street,
                    town.day,
                    [away],
                    how,
                    rules,
                    town.data,
                    expected=days.version(tx, key),
                )

        first.add(lambda: repair_of(repair.How(dry_run=True)))
        found = repair_of(repair.How(dry_run=True))
        deep = best.add(lambda: repair_of(repair.How(dry_run=True, iterations=iterations)))
        assert isinstance(deep, repair.Answer)
        with town.database.read() as tx:
            absences_of.add(
                tx, CALLER, town.street, who, away.start or time.now(), away.end, "bench"
            )
            now = standing.stand(tx, town.street, town.day, town.data, rules)
        options = Options(seconds=600, iterations=iterations)
        new = anew.add(partial(solve, now.built.problem, options))
        assert isinstance(new, Solution)
        kept = sum(cost for rule, cost in deep.after.items() if rule not in ("change", "unserved"))
        fresh = sum(c for rule, c in new.cost.items() if rule not in ("change", "unserved"))
        more.append(100 * (kept / max(1, fresh) - 1))
        left.append(len(deep.unserved) - len(new.unserved) - len(now.built.kept_out))
        changed.append(len({one.change.demand for one in found.news}))
        drawn = drawing.drawn(key, now.built, now.at, new, now.given, now.network)
        changed_anew.append(len({one.demand for one in changes(plan, drawn, slack=300)}))
    table |= first.figures("repair first")
    table |= best.figures("repair best")
    table |= anew.figures("solve anew")
    table["repair cost above anew %"] = _at(more, 50)
    table["repair left undone, more"] = _at([float(n) for n in left], 50)
    table["promises changed, repair"] = _at([float(n) for n in changed], 50)
    table["promises changed, anew"] = _at([float(n) for n in changed_anew], 50)


def measured(visits: int, args: argparse.Namespace, data: Path) -> dict[str, float]:
    """All figures of one size."""
    database = Database.open(sqlite_url(data))
    elders = max(20, round(visits * args.elders_per_visit))
    asked = demo.Asked(seed=args.seed, elders=elders, iterations=args.iterations)
    done = demo.run(database, Settings(data=data), asked, lambda *_: None, time.today())
    town = Town(database, data, done.street, done.day, random.Random(args.seed))
    with database.read() as tx:
        plan = days.read(tx, DayKey(done.street, done.day))
        wanted = len(demands.on(tx, done.street, done.day))
    table: dict[str, float] = {
        "visits": wanted,
        "staff": len({stop.staff for stop in plan.stops}),
    }
    fitted(town, args.asks, table)
    explained(town, args.asks, table)
    repaired(town, args.absences, args.iterations, table)
    database.close()
    return table


def main() -> None:
    """Print one column per size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--visits", type=int, nargs="+", default=[150, 450, 1000])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--asks", type=int, default=60)
    parser.add_argument("--absences", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=2_000)
    parser.add_argument("--elders-per-visit", type=float, default=ELDERS_PER_VISIT)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    for visits in args.visits:
        with tempfile.TemporaryDirectory(prefix="carecoord-bench-") as folder:
            found[str(visits)] = measured(visits, args, Path(folder))
    names = dict.fromkeys(name for table in found.values() for name in table)
    print(f"{'':<28}" + "".join(f"{size:>12}" for size in found))
    for name in names:
        print(f"{name:<28}" + "".join(f"{found[size].get(name, ''):>12}" for size in found))
    if args.json:
        args.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
