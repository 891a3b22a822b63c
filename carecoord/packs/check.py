"""Read a pack file, and say line by line what is wrong with it."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, TypeGuard

from carecoord.errors import CareError, Fact
from carecoord.model.policy import Mark, Row, Value, places_over
from carecoord.model.time import of_clock

FORMAT = 1
_HEAD = {"format", "pack", "jurisdiction", "zh", "en", "document"}
_DOCUMENT = {"doc_no", "title", "clause", "valid_from", "valid_to", "rule"}
_RULE = {
    "rule_id", "clause", "valid_from", "valid_to", "mark", "value",
    "zh", "en", "unit", "note", "least", "most",
}  # fmt: skip
_ID = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
_WHERE = re.compile(r'(?:^|[\s{,])rule_id\s*=\s*"([^"]*)"')
_SYNTAX = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)$")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a pack file. `code` and `facts` make the sentence."""

    file: str
    line: int
    severity: Literal["error", "warning"]
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = " ".join(f"{k}={v}" for k, v in self.facts.items())
        return f"{self.file}:{self.line}: {self.severity}: {self.code} {facts}".rstrip()


class _File:
    """Collects the rows and the findings of one file."""

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.rows: list[Row] = []
        self.findings: list[Finding] = []
        self._lines: dict[str, list[int]] = defaultdict(list)
        self._documents: list[int] = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.lstrip().startswith("#"):
                continue
            if line.strip().startswith("[[document]]"):
                self._documents.append(number)
            for found in _WHERE.finditer(line):
                self._lines[found.group(1)].append(number)
        self._seen: dict[str, int] = defaultdict(int)

    def error(self, line: int, code: str, **facts: Fact) -> None:
        """Note an error; reading goes on, so that one run lists them all."""
        self.findings.append(Finding(self.source, line, "error", code, facts))

    def document_line(self, index: int) -> int:
        """Where the `index`-th `[[document]]` starts."""
        return self._documents[index] if index < len(self._documents) else 1

    def rule_line(self, rule_id: object, document: int) -> int:
        """Where the next row with this id stands; without an id, its document."""
        lines = self._lines.get(rule_id, []) if isinstance(rule_id, str) else []
        if not isinstance(rule_id, str) or not lines:
            return document
        nth = self._seen[rule_id]
        self._seen[rule_id] += 1
        return lines[min(nth, len(lines) - 1)]


def read(text: str, source: str) -> tuple[list[Row], list[Finding]]:
    """Rows of one pack file and everything wrong with its form.

    Parameters
    ----------
    text
        TOML. Clock times become seconds after midnight, decimals stay exact.
    source
        Name of the file, for the findings.
    """
    file = _File(text, source)
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as caught:
        found = _SYNTAX.match(str(caught))
        line = int(found["line"] or len(text.splitlines())) if found else 1
        detail = found["what"] if found else str(caught)
        file.error(line, "pack.syntax", detail=detail)
        return [], file.findings
    _unknown(file, 1, data, _HEAD)
    if data.get("format") != FORMAT:
        file.error(1, "pack.format", got=str(data.get("format", "-")), expected=FORMAT)
    jurisdiction = data.get("jurisdiction")
    try:
        places_over(jurisdiction if isinstance(jurisdiction, str) else "-")
    except CareError as caught:
        file.error(1, caught.code, **caught.facts)
        return [], file.findings
    documents = data.get("document", [])
    if not isinstance(documents, list) or not documents:
        file.error(1, "pack.field_missing", name="[[document]]", rule="-")
        return [], file.findings
    for index, document in enumerate(documents):
        _document(file, file.document_line(index), str(jurisdiction), document)
    file.findings.extend(overlaps(file.rows))
    return file.rows, file.findings


def _document(file: _File, line: int, jurisdiction: str, document: Any) -> None:
    if not isinstance(document, dict):
        file.error(line, "pack.field_type", name="document", rule="-", expected="table")
        return
    _unknown(file, line, document, _DOCUMENT)
    shared = {k: document[k] for k in ("clause", "valid_from", "valid_to") if k in document}
    doc_no = document.get("doc_no")
    if not isinstance(doc_no, str) or not doc_no:
        file.error(line, "pack.field_missing", name="doc_no", rule="-")
        return
    rules = document.get("rule", [])
    if not isinstance(rules, list) or not rules:
        file.error(line, "pack.field_missing", name="rule", rule=doc_no)
        return
    for rule in rules:
        if not isinstance(rule, dict):
            file.error(line, "pack.field_type", name="rule", rule=doc_no, expected="table")
            continue
        _row(file, file.rule_line(rule.get("rule_id"), line), jurisdiction, doc_no, shared | rule)


def _row(file: _File, line: int, jurisdiction: str, doc_no: str, rule: dict[str, Any]) -> None:
    before = len(file.findings)
    name = rule.get("rule_id")
    shown = name if isinstance(name, str) else "-"
    _unknown(file, line, rule, _RULE, shown)
    for needed in ("rule_id", "mark", "valid_from", "value", "zh", "en"):
        if needed not in rule:
            file.error(line, "pack.field_missing", name=needed, rule=shown)
    if isinstance(name, str) and not _ID.fullmatch(name):
        file.error(line, "pack.rule_id", rule=name)
    for text in ("rule_id", "clause", "zh", "en", "unit", "note"):
        if not isinstance(rule.get(text, ""), str):
            file.error(line, "pack.field_type", name=text, rule=shown, expected="text")
    for day in ("valid_from", "valid_to"):
        given = rule.get(day)
        if day in rule and (not isinstance(given, date) or isinstance(given, datetime)):
            file.error(line, "pack.field_type", name=day, rule=shown, expected="date YYYY-MM-DD")
    if "mark" in rule and rule["mark"] not in list(Mark):
        file.error(line, "pack.mark", rule=shown, got=str(rule["mark"]), allowed=", ".join(Mark))
    value = _frozen(file, line, shown, rule.get("value", 0))
    bounds = _bounds(file, line, shown, rule, value)
    if len(file.findings) > before or value is None:
        return
    try:
        row = Row(
            rule_id=shown,
            jurisdiction=jurisdiction,
            doc_no=doc_no,
            clause=rule.get("clause", ""),
            valid_from=rule["valid_from"],
            valid_to=rule.get("valid_to"),
            mark=Mark(rule["mark"]),
            value=value,
            zh=rule["zh"],
            en=rule["en"],
            unit=rule.get("unit", ""),
            note=rule.get("note", ""),
            least=bounds[0],
            most=bounds[1],
            source=file.source,
            line=line,
        )
    except CareError as caught:
        file.error(line, caught.code, **caught.facts)
    else:
        file.rows.append(row)


def _unknown(
    file: _File, line: int, table: Mapping[str, object], allowed: set[str], rule: str = "-"
) -> None:
    for name in table:
        if name not in allowed:
            file.error(
                line, "pack.field_unknown", name=name, rule=rule, allowed=", ".join(sorted(allowed))
            )


def _frozen(file: _File, line: int, rule: str, value: Any) -> Value | None:
    if isinstance(value, time):
        return of_clock(value)
    if isinstance(value, int | str) or (isinstance(value, Decimal) and value.is_finite()):
        return value
    if isinstance(value, list):
        entries = [_frozen(file, line, rule, v) for v in value]
        return None if None in entries else tuple(v for v in entries if v is not None)
    if isinstance(value, dict):
        table = {k: _frozen(file, line, rule, v) for k, v in value.items()}
        if None in table.values():
            return None
        return MappingProxyType({k: v for k, v in table.items() if v is not None})
    file.error(line, "pack.value", rule=rule, got=type(value).__name__)
    return None


def _bounds(
    file: _File, line: int, rule: str, fields: Mapping[str, Any], value: Value | None
) -> tuple[int | Decimal | None, int | Decimal | None]:
    least, most = fields.get("least"), fields.get("most")
    for name, bound in (("least", least), ("most", most)):
        if bound is not None and not is_number(bound):
            file.error(line, "pack.field_type", name=name, rule=rule, expected="number")
            return None, None
    if least is None and most is None:
        return None, None
    if not is_number(value):
        file.error(line, "pack.field_type", name="value", rule=rule, expected="number")
    elif not within(value, least, most):
        file.error(line, "pack.range", rule=rule, got=str(value), least=str(least), most=str(most))
    return least, most


def is_number(value: object) -> TypeGuard[int | Decimal]:
    """Whether `value` is a whole number or an exact decimal; a flag is not."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def within(value: int | Decimal, least: int | Decimal | None, most: int | Decimal | None) -> bool:
    """Whether `value` keeps to the bounds that are known."""
    return (least is None or least <= value) and (most is None or value <= most)


def overlaps(rows: Iterable[Row]) -> Iterator[Finding]:
    """Rows of one rule and place that are in force on a common day."""
    kept: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        for other in kept[row.rule_id, row.jurisdiction]:
            first, second = sorted((other, row), key=lambda r: r.valid_from)
            if first.valid_to is None or second.valid_from <= first.valid_to:
                yield Finding(
                    row.source,
                    row.line,
                    "error",
                    "pack.overlap",
                    {
                        "rule": row.rule_id,
                        "jurisdiction": row.jurisdiction,
                        "file": other.source,
                        "line": other.line,
                    },
                )
        kept[row.rule_id, row.jurisdiction].append(row)
