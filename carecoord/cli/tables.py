"""A planned day as a table for people and as JSON for programs."""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.table import Table

from carecoord.cli.session import console, say
from carecoord.errors import Invalid
from carecoord.flows.horizon import DayAhead
from carecoord.model.horizon import Horizon
from carecoord.planning.indicators import Indicators


def day_table(
    args: argparse.Namespace, street: str, day: date, found: Indicators, seconds: float, mb: int
) -> None:
    """Print the figures of a day and why visits stay unserved."""
    table = Table(title=say(args, "cli.demo.title", street=street, day=day.isoformat()))
    table.add_column()
    table.add_column(justify="right")
    facts = {"asked": found.asked, "served": found.served, "unserved": len(found.unserved)}
    table.add_row(say(args, "cli.visits"), say(args, "cli.visits.value", **facts))
    staff = {"used": found.used, "available": found.available}
    table.add_row(say(args, "cli.staff"), say(args, "cli.staff.value", **staff))
    table.add_row(say(args, "cli.travel_share"), f"{found.travel_share:.1%}")
    late = say(args, "cli.minutes", minutes=found.late // 60)
    table.add_row(say(args, "cli.late"), late)
    kept = "–" if found.continuity is None else f"{found.continuity:.1%}"
    table.add_row(say(args, "cli.continuity"), kept)
    table.add_row(say(args, "cli.time"), f"{seconds:.1f} s")
    table.add_row(say(args, "cli.peak"), f"{mb} MB")
    console.print(table)
    reasons = Counter(say(args, u.code, **u.facts) for u in found.unserved)
    if reasons:
        console.print(say(args, "cli.unserved.title"))
        for reason, count in reasons.most_common():
            console.print(f"  {count:4d}  {reason}", markup=False, soft_wrap=True)


def problem_lines(args: argparse.Namespace, problems: Mapping[str, int]) -> None:
    """Print data problems, counted by kind."""
    if problems:
        console.print(say(args, "cli.plan.problems"))
        for code, count in sorted(problems.items()):
            console.print(f"  {count:4d}  {code}", markup=False, soft_wrap=True)


def day_json(
    file: Path, found: Indicators, seconds: Mapping[str, float], peak_mb: int, **more: Any
) -> None:
    """Write the same figures for programs.

    Raises
    ------
    Invalid
        `file.unwritable`.
    """
    content = {
        **more,
        "visits": {
            "asked": found.asked,
            "served": found.served,
            "unserved": [{"id": u.demand, "reason": u.code} for u in found.unserved],
        },
        "staff": {"available": found.available, "used": found.used},
        "travel_seconds": found.travel,
        "late_seconds": found.late,
        "continuity": found.continuity,
        "seconds": {stage: round(spent, 3) for stage, spent in seconds.items()},
        "peak_mb": peak_mb,
    }
    _write(file, content)


def horizon_table(
    args: argparse.Namespace, street: str, days: Sequence[DayAhead], planning: Horizon
) -> None:
    """Print how far each of the days ahead is."""
    counts = planning.outcome["spread"]
    table = Table(title=say(args, "cli.ahead.title", street=street, count=len(days)))
    for column in ("day", "zone", "version", "wanted", "served", "unserved"):
        table.add_column(say(args, f"cli.ahead.{column}"), justify="right")
    for one in days:
        numbers = (one.version, one.wanted, one.served, one.unserved)
        zone = say(args, f"horizon.zone.{one.zone.value}")
        table.add_row(one.day.isoformat(), zone, *map(str, numbers))
    console.print(table)
    facts = {name: counts.get(name, 0) for name in ("visits", "moved", "without_carer")}
    console.print(say(args, "cli.ahead.spread", **facts))
    problem_lines(args, counts.get("problems", {}))


def horizon_json(file: Path, street: str, days: Sequence[DayAhead], planning: Horizon) -> None:
    """Write the same for programs.

    Raises
    ------
    Invalid
        `file.unwritable`.
    """
    shown = [
        {
            "day": one.day.isoformat(),
            "zone": one.zone.value,
            "version": one.version,
            "wanted": one.wanted,
            "served": one.served,
            "unserved": one.unserved,
        }
        for one in days
    ]
    _write(file, {"street": street, "days": shown, "outcome": planning.outcome})


def _write(file: Path, content: Mapping[str, Any]) -> None:
    try:
        file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise Invalid("file.unwritable", field="--json", file=str(file), reason=reason) from error
