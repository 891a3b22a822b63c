"""`carecoord plan`: plan one street-day from what is stored."""

import argparse
from collections import Counter
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
from carecoord.cli.tables import day_json, day_table, problem_lines
from carecoord.errors import Invalid
from carecoord.flows import day as days
from carecoord.flows import register
from carecoord.jobs.memory import peak_mb
from carecoord.jobs.worker import Stopwatch, data_problems, work_now
from carecoord.model.ids import StreetId
from carecoord.model.problems import distinct
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.planning.indicators import indicators
from carecoord.settings import Settings
from carecoord.store import days as stored


def add(commands: Subcommands) -> None:
    """Plan one street-day here and now."""
    parser = commands.add_parser(
        "plan",
        help="plan one street-day from what is stored",
        description="Expands the care plans in force, solves the day in a child process, checks "
        "and stores the routes as a draft. Publishes only with --publish. Exit 0: all visits are "
        "served; 3: some are not; 2: bad input.",
    )
    parser.add_argument("street", metavar="STREET", help="division code of 9 digits")
    parser.add_argument("day", metavar="DAY", help="YYYY-MM-DD")
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
    day = day_of(args.day, "DAY")
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
