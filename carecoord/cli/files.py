"""`carecoord import`: FHIR files that others made."""

import argparse
from collections import Counter
from pathlib import Path

from carecoord.cli.session import (
    OK,
    SOME_UNSERVED,
    Subcommands,
    add_data,
    console,
    opened,
    operator,
    say,
)
from carecoord.errors import CareError, Invalid
from carecoord.fhir import files
from carecoord.fhir.bundle import Outcome
from carecoord.fhir.documents import Change
from carecoord.flows import detect, networks, record
from carecoord.model.ids import StreetId
from carecoord.settings import Settings
from carecoord.store.engine import Database


def add(commands: Subcommands) -> None:
    """Store FHIR files."""
    parser = commands.add_parser(
        "import",
        help="store FHIR R4 Bundles and NDJSON",
        description="Stores transaction, batch and collection Bundles and NDJSON, plain, .gz or "
        ".bz2. A file is stored whole or not at all, except that entries of a batch stand alone. "
        "Exit 0: all stored; 2: a file was refused, files before it stay; 3: entries of a batch "
        "were refused.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    add_data(parser)
    parser.add_argument(
        "--street", help="let this street plan for new patients that name no organisation"
    )
    parser.add_argument(
        "--network",
        type=Path,
        metavar="FILE.osm.pbf",
        help="let the street of --street travel on this OpenStreetMap extract",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    if args.network and not args.street:
        raise Invalid("cli.network_street", field="--network")
    settings = Settings.from_environment(args.data)
    refused = 0
    with opened(settings) as database:
        for file in args.files:
            refused += _import(args, database, file)
        if args.network:
            with database.write() as tx:
                networks.use_file(
                    tx, operator(), StreetId(args.street), args.network, settings.data
                )
    return SOME_UNSERVED if refused else OK


def _import(args: argparse.Namespace, database: Database, file: Path) -> int:
    changes: list[Change] = []
    failures: list[str] = []
    with database.write() as tx, detect.postponed() as waiting:
        for name, bundle in files.bundles(file):
            try:
                outcome = record.submit_bundle(tx, operator(), bundle, language=args.language)
            except CareError as error:
                # Of several files the one at fault is named.
                field = f"{name}: {error.field}" if error.field else name
                raise type(error)(error.code, field=field, **error.facts) from error
            changes += outcome.changes
            failures += _failures(args, name, outcome)
        if args.street:
            counted = record.count_to_street(tx, operator(), changes, StreetId(args.street))
    with database.write() as tx:
        detect.touched(tx, waiting.elders, registered=waiting.registered)
    deeds = Counter(change.deed for change in changes)
    numbers = {deed: deeds[deed] for deed in ("created", "updated", "unchanged", "deleted")}
    for line in failures:
        console.print(line, markup=False, soft_wrap=True)
    console.print(
        say(args, "cli.import.done", file=file.name, **numbers), markup=False, soft_wrap=True
    )
    if args.street and counted:
        console.print(
            say(args, "cli.import.assigned", count=len(counted), street=args.street),
            markup=False,
            soft_wrap=True,
        )
    return len(failures)


def _failures(args: argparse.Namespace, name: str, outcome: Outcome) -> list[str]:
    """A line for each entry of a batch that was refused."""
    lines = []
    for number, entry in enumerate(outcome.response.get("entry", ())):
        answer = entry.get("response", {})
        if answer.get("status", "2")[0] == "2":
            continue
        issues = answer.get("outcome", {}).get("issue", [{}])
        reason = issues[0].get("details", {}).get("text") or issues[0].get("diagnostics", "")
        lines.append(
            say(args, "cli.import.failed_entry", file=name, entry=number, reason=str(reason))
        )
    return lines
