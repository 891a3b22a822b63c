"""`carecoord demo`: the whole product on a fictional street."""

import argparse
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from carecoord.cli import serve
from carecoord.cli.session import OK, Subcommands, console, day_of, opened, say
from carecoord.cli.tables import day_json, day_table, problem_lines
from carecoord.demo import run as demo
from carecoord.errors import Invalid
from carecoord.model import time
from carecoord.settings import Settings


def add(commands: Subcommands) -> None:
    """Generate a street, receive referrals, plan tomorrow, then serve the pages."""
    parser = commands.add_parser(
        "demo",
        help="generate a fictional street, plan tomorrow, show it",
        description="Generates a fictional street, sends hospital referrals in, makes one plan "
        "per person, solves tomorrow and publishes the routes; then serves the pages until "
        "Ctrl-C. Doing it again on the same data changes nothing. Exit 0: done; 2: bad input.",
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything generated (1)")
    parser.add_argument("--elders", type=int, default=300, help="elders on a plan (300)")
    parser.add_argument("--days", type=int, default=14, help="days of visits expanded (14)")
    parser.add_argument(
        "--streets", type=Path, metavar="FILE.osm.pbf", help="real streets and buildings"
    )
    parser.add_argument("--data", type=Path, help="data folder; one per seed if left out")
    parser.add_argument("--no-serve", action="store_true", help="stop after the table")
    parser.add_argument("--port", type=int, default=8000, help="of the pages (8000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table for programs")
    parser.add_argument("--today", metavar="YYYY-MM-DD", help="plan the day after it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if args.seed < 0:
        raise Invalid("demo.seed", field="--seed", seed=args.seed)
    if not 1 <= args.days <= 90:
        raise Invalid("demo.days", field="--days", days=args.days)
    serve.require_port(args.port)
    today = day_of(args.today, "--today") if args.today else time.today()
    settings = Settings.from_environment(args.data or _folder(args))
    asked = demo.Asked(args.seed, args.elders, args.days, args.streets)
    with opened(settings) as database:
        with _progress() as bars:
            task = bars.add_task("", total=1)

            def step(stage: str, done: int, total: int) -> None:
                text = say(args, f"cli.stage.{stage}")
                bars.update(task, description=text, completed=done, total=total)

            report = demo.run(database, settings, asked, step, today)
        spent = sum(report.seconds.values())
        day_table(args, report.name, report.day, report.indicators, spent, report.peak_mb)
        problem_lines(args, report.problems)
        if args.json:
            day_json(
                args.json,
                report.indicators,
                report.seconds,
                report.peak_mb,
                street=report.street,
                day=report.day.isoformat(),
                problems=report.problems,
            )
        if not args.no_serve:
            return serve.serve(args, database, settings, "127.0.0.1", args.port)
    return OK


def _folder(args: argparse.Namespace) -> Path:
    """A data folder of its own for everything that makes a street another one."""
    name = f"demo-{args.seed}-{args.elders}"
    if args.streets:
        name += f"-{args.streets.name.partition('.')[0]}"
    return Settings.from_environment().data / name


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
