"""`carecoord plan`: plan one street-day, or the days ahead, from what is stored."""

import argparse
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from carecoord.cli.session import (
    OK,
    SOME_UNSERVED,
    Subcommands,
    add_data,
    day_of,
    opened,
    operator,
)
from carecoord.cli.tables import day_json, day_table, horizon_json, horizon_table, problem_lines
from carecoord.errors import Invalid
from carecoord.flows import day as days
from carecoord.flows import horizon, register
from carecoord.jobs import ahead
from carecoord.jobs.memory import peak_mb
from carecoord.jobs.worker import Stopwatch, data_problems, work, work_now
from carecoord.model.ids import RunId, StreetId
from carecoord.model.problems import distinct
from carecoord.model.time import today
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning.indicators import indicators
from carecoord.settings import Settings
from carecoord.store import days as stored
from carecoord.store import runs


def add(commands: Subcommands) -> None:
    """Plan one street-day, or the days ahead, here and now."""
    parser = commands.add_parser(
        "plan",
        help="plan one street-day, or the days ahead, from what is stored",
        description="Expands the care plans in force, solves the day in a child process, checks "
        "and stores the routes as a draft. Publishes only with --publish. With --days it first "
        "spreads visits over these days, from DAY or tomorrow on, and plans each day that changed. "
        "Exit 0: all visits are served; 3: some are not; 2: bad input.",
    )
    parser.add_argument("street", metavar="STREET", help="division code of 9 digits")
    parser.add_argument("day", metavar="DAY", nargs="?", help="YYYY-MM-DD; tomorrow by default")
    parser.add_argument("--days", type=int, metavar="N", help="plan so many days ahead")
    add_data(parser)
    parser.add_argument("--seconds", type=int, default=30, help="of search, wall clock (30)")
    parser.add_argument(
        "--iterations", type=int, help="step limit instead: the same plan every time"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the search (1)")
    parser.add_argument("--publish", action="store_true", help="tell people at once")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if not 1 <= args.seconds <= 3600:
        raise Invalid("cli.seconds", field="--seconds", seconds=args.seconds)
    day = day_of(args.day, "DAY") if args.day else today() + timedelta(days=1)
    if args.days is not None:
        return _ahead(args, day)
    settings = Settings.from_environment(args.data)
    street, watch = StreetId(args.street), Stopwatch()
    rules = load().on(day, args.street)
    with opened(settings) as database:
        with watch.stage("expand"), database.write() as tx:
            expansion = days.expand_plans(tx, operator(), street, day, 1, rules)
            wanted = days.request(
                tx,
                operator(),
                street,
                day,
                seconds=args.seconds,
                iterations=args.iterations,
                seed=args.seed,
            )
        done = work_now(database, settings.data, rules, wanted.id, watch=watch)
        if args.publish:
            with database.write() as tx:
                days.publish(tx, operator(), street, day, expected=done.outcome["version"])
        with database.read() as tx:
            given, _ = days.inputs(tx, street, day)
            found = indicators(stored.read(tx, DayKey(street, day)), given)
            name = register.street(tx, street).name
    counted = Counter(
        problem.code for problem in distinct([*expansion.problems, *data_problems(done)])
    )
    memory = peak_mb()
    day_table(args, name, day, found, sum(watch.seconds.values()), memory)
    problem_lines(args, counted)
    if args.json:
        day_json(
            args.json,
            found,
            watch.seconds,
            memory,
            street=args.street,
            day=day.isoformat(),
            problems=counted,
        )
    return SOME_UNSERVED if found.unserved else OK


def _ahead(args: argparse.Namespace, first: date) -> int:
    """Spread visits over the days from `first` on, and plan each of them."""
    settings = Settings.from_environment(args.data)
    street, rules = StreetId(args.street), load().on(first, args.street)
    if args.publish:
        raise Invalid("cli.days_publish", field="--publish")
    options = {"seconds": args.seconds, "iterations": args.iterations, "seed": args.seed}
    with opened(settings) as database:
        with database.write() as tx:
            asked = horizon.ask(
                tx, operator(), street, rules, first=first, count=args.days, options=options
            )

        def each(run: RunId) -> None:
            with database.read() as tx:
                key = runs.read(tx, run).key
            work(database, settings.data, load().on(key.day, street), run)

        found = ahead.work_off(database, settings.data, asked.id, each)
        if found.state == "failed":
            raise Invalid(found.outcome["code"], **found.outcome["facts"])
        with database.read() as tx:
            shown = horizon.outlook(tx, operator(), street, rules)
            name = register.street(tx, street).name
    span = set(found.span)
    days_ahead = [one for one in shown.days if one.day in span]
    horizon_table(args, name, days_ahead, found)
    if args.json:
        horizon_json(args.json, args.street, days_ahead, found)
    return SOME_UNSERVED if any(one.unserved for one in days_ahead) else OK
