"""The policy rows in force, what is unconfirmed among them, and the history of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.context import CallerNow
from api.pages.shell import PageRoute, page, spoken
from api.pages.words import Words
from api.scheduler.rules import PacksNow
from carecoord.flows import policy
from carecoord.flows.policy import InForce
from carecoord.model.policy import NATION, Row, Value
from carecoord.model.time import today

router = APIRouter(route_class=PageRoute, include_in_schema=False)

OWN = "carecoord"
"""Document of rows that this product assumes."""

FIELDS = ("category", "by", "minutes", "order", "intimate", "payers", "least", "most")
"""Fields of tables that have a name of their own on the page."""

LONG = 90
"""Letters above which a value is folded away."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the page says it.

    fields
        Names and values of a table; one pair without a name for everything else.
    brief
        What a folded value is called; empty when it is short enough to stand open.
    """

    row: Row
    title: str
    fields: tuple[tuple[str, str], ...]
    unit: str
    mark: str
    brief: str = ""


@router.get("/rules")
def get_rules(
    request: Request,
    caller: CallerNow,
    packs: PacksNow,
    day: date | None = None,
    jurisdiction: str = "",
    document: str = "",
    unconfirmed: Annotated[str, Query()] = "",
) -> Response:
    """The rows in force on a day at a place, by document."""
    words = spoken(request)
    found = policy.in_force(
        packs,
        caller,
        day or today(),
        jurisdiction or NATION,
        document=document,
        unconfirmed=bool(unconfirmed),
    )
    return page(
        request,
        "rules.html",
        found=found,
        groups=grouped(found, words),
        document=document,
        only=bool(unconfirmed),
        lang=request.query_params.get("lang", ""),
        own=OWN,
        places=sorted({row.jurisdiction for row in packs.rows}, key=lambda p: (p != NATION, p)),
    )


@router.get("/rules/{rule_id}")
def get_rule(request: Request, caller: CallerNow, packs: PacksNow, rule_id: str) -> Response:
    """Every row of one rule: what held when and where."""
    words = spoken(request)
    rows = policy.history(packs, caller, rule_id)
    present = today()
    return page(
        request,
        "rule.html",
        rule_id=rule_id,
        rows=[(shown(row, words), row.in_force(present)) for row in rows],
    )


def grouped(found: InForce, words: Words) -> list[tuple[str, list[Shown]]]:
    """Rows under their documents, in the order of the packs."""
    groups: dict[str, list[Shown]] = {}
    for row in found.rows:
        groups.setdefault(row.doc_no, []).append(shown(row, words))
    return list(groups.items())


def shown(row: Row, words: Words) -> Shown:
    """One row in the language of the page."""
    fields = tuple(fields_of(row.value, row.unit, words))
    letters = sum(len(name) + len(text) for name, text in fields)
    count = len(row.value) if isinstance(row.value, Mapping | tuple) else 1
    return Shown(
        row=row,
        title=row.en if words.language == "en" else row.zh,
        fields=fields,
        unit=words.named("unit", row.unit) if row.unit else "",
        mark=words.named("mark", row.mark.name.lower()),
        brief=words.t("page.rules.entries", count=count) if letters > LONG else "",
    )


def fields_of(value: Value, unit: str, words: Words) -> Iterable[tuple[str, str]]:
    """A value in parts that a person can read."""
    if isinstance(value, Mapping):
        yield from (
            (words.named("field", str(key)), text(one, unit, words)) for key, one in value.items()
        )
    elif isinstance(value, tuple) and any(isinstance(one, Mapping | tuple) for one in value):
        yield from (("", text(one, unit, words)) for one in value)
    else:
        yield "", text(value, unit, words)


def text(value: Value, unit: str, words: Words) -> str:
    """A value in one line; seconds of a time of day as a clock."""
    if isinstance(value, bool):
        return words.t("page.rules.yes") if value else words.t("page.rules.no")
    if isinstance(value, int) and unit == "time":
        return words.clock(value)
    if isinstance(value, Mapping):
        parts = tuple(f"{key} {text(one, unit, words)}" for key, one in value.items())
        return words.join(parts)
    if isinstance(value, tuple):
        return words.join(tuple(text(one, unit, words) for one in value))
    return str(value)
