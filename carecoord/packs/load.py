"""Load policy packs and pick the rows in force on a day at a place."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from carecoord.errors import Fact, Invalid, Missing
from carecoord.model.policy import Row, Rules, Value, places_over
from carecoord.packs import check, readers
from carecoord.packs.check import Finding

BUNDLED = Path(__file__).parent

VARIABLE = "CARECOORD_PACKS"
"""Environment variable with the installation's own pack files."""


@dataclass(frozen=True, slots=True)
class Packs:
    """Every row of every day and place. Rows of one rule and place never overlap."""

    rows: tuple[Row, ...]

    def on(self, day: date, jurisdiction: str) -> Rules:
        """The rows in force on `day` at `jurisdiction`.

        jurisdiction
            `CN`, or a division code of 6, 9 or 12 digits. A row of the nearest division
            wins over one of a wider division, whatever its date.

        Raises
        ------
        Invalid
            `jurisdiction` is neither.
        """
        places = {place: rank for rank, place in enumerate(places_over(jurisdiction))}
        chosen: dict[str, Row] = {}
        for row in self.rows:
            rank = places.get(row.jurisdiction)
            if rank is None or not row.in_force(day):
                continue
            present = chosen.get(row.rule_id)
            if present is None or rank < places[present.jurisdiction]:
                chosen[row.rule_id] = row
        return Rules(day, jurisdiction, chosen, frozenset(row.rule_id for row in self.rows))

    def history(self, rule_id: str) -> tuple[Row, ...]:
        """All rows of one rule, by place and date.

        Raises
        ------
        Missing
            No pack has the rule.
        """
        found = [row for row in self.rows if row.rule_id == rule_id]
        if not found:
            raise Missing("rule.unknown", rule=rule_id, day="-", jurisdiction="-")
        return tuple(sorted(found, key=lambda r: (places_over(r.jurisdiction)[::-1], r.valid_from)))


def load(*paths: Path | str) -> Packs:
    """The bundled packs, and beside them the files in `paths`.

    A file adds rows for its own jurisdiction; to change a national number for one city or
    street, give the row of that city or street. A national row is replaced by one with a
    later validity only when the old one has ended. Without `paths` it is the files that the
    installation names in `CARECOORD_PACKS`, separated like the entries of `PATH`.

    Raises
    ------
    Missing
        A file does not exist.
    Invalid
        A file has an error; the code and facts are those of the first finding, `field` is
        `file:line`. `check_file` lists them all.
    """
    return _with(paths) if paths else _installed(os.environ.get(VARIABLE, ""))


@cache
def _installed(named: str) -> Packs:
    """As the server starts: pack files that change are read again by the next process."""
    files = [name for name in named.split(os.pathsep) if name]
    return _with(files) if files else _bundled()


def _with(paths: Iterable[Path | str]) -> Packs:
    rows = list(_bundled().rows)
    for path in paths:
        rows += _rows(Path(path))
    _refuse(check.overlaps(rows))
    return Packs(tuple(rows))


def check_file(path: Path | str) -> list[Finding]:
    """Everything wrong with one pack file, as it would stand beside the bundled packs.

    Form first (`check.read`); then, if the form is right: overlaps with the bundled rows,
    kinds and bounds against the row it overrides, ids that no bundled pack knows
    (warning: probably a misspelling), and whether every table can be read on each day on
    which one of its rows begins or ends.

    Raises
    ------
    Missing
        The file does not exist.
    """
    path = Path(path)
    rows, findings = check.read(_text(path), path.name)
    if findings:
        return findings
    bundled = _bundled()
    is_bundled = path.resolve().parent == BUNDLED.resolve()
    others = [row for row in bundled.rows if not (is_bundled and row.source == path.name)]
    findings = list(check.overlaps([*others, *rows]))
    known = {row.rule_id: row for row in others if row.jurisdiction == "CN"}
    for row in rows:
        findings += _against(known.get(row.rule_id), row, warn=not is_bundled)
    if not any(f.severity == "error" for f in findings):
        findings += _readable(Packs((*others, *rows)), rows)
    return sorted(findings, key=lambda f: f.line)


def _against(national: Row | None, row: Row, *, warn: bool) -> Iterable[Finding]:
    if national is None:
        if warn:
            yield Finding(row.source, row.line, "warning", "pack.new_rule", {"rule": row.rule_id})
        return
    wanted, got = _kind(national.value), _kind(row.value)
    facts: dict[str, Fact]
    if wanted != got:
        facts = {"rule": row.rule_id, "expected": wanted, "got": got}
        yield Finding(row.source, row.line, "error", "pack.kind", facts)
    elif check.is_number(row.value) and not check.within(row.value, national.least, national.most):
        facts = {
            "rule": row.rule_id,
            "got": str(row.value),
            "least": str(national.least),
            "most": str(national.most),
        }
        yield Finding(row.source, row.line, "warning", "pack.unusual", facts)


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    if isinstance(value, tuple):
        return "list"
    return "number" if check.is_number(value) else "table"


def _readable(packs: Packs, rows: list[Row]) -> Iterable[Finding]:
    ends = {row.valid_to + timedelta(days=1) for row in rows if row.valid_to}
    for day in sorted({row.valid_from for row in rows} | ends):
        rules = packs.on(day, rows[0].jurisdiction)
        for caught in readers.failures(rules):
            at = next((r for r in rows if r.rule_id == caught.facts.get("rule")), rows[0])
            yield Finding(at.source, at.line, "error", caught.code, caught.facts)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as caught:
        raise Missing("pack.file", field=str(path), file=path.name) from caught
    except UnicodeDecodeError as caught:
        raise Invalid("pack.encoding", field=str(path), file=path.name) from caught


def _rows(path: Path) -> list[Row]:
    rows, findings = check.read(_text(path), path.name)
    _refuse(findings)
    return rows


def _refuse(findings: Iterable[Finding]) -> None:
    for found in findings:
        facts = {k: v for k, v in found.facts.items() if k != "field"}
        raise Invalid(found.code, field=f"{found.file}:{found.line}", **facts)


@cache
def _bundled() -> Packs:
    rows = [row for path in sorted(BUNDLED.glob("*.toml")) for row in _rows(path)]
    _refuse(check.overlaps(rows))
    return Packs(tuple(rows))
