"""Continuity, fairness and equity over weeks, over HTTP."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.context import CallerNow, Speak, WriteTx
from api.scheduler.rules import PacksNow, on
from carecoord.flows import fairness, fairness_files
from carecoord.flows.fairness import Report
from carecoord.model.ids import StreetId

router = APIRouter(prefix="/streets/{street}", tags=["continuity"])


class ClientMonthOut(BaseModel):
    """Who came to one person in one month."""

    elder: str
    name: str
    month: str = Field(examples=["2026-03"])
    visits: int
    carers: int
    main: str
    main_name: str
    main_share: float
    top_share: float = Field(description="With one of the three most frequent carers")
    new: list[str] = Field(description="Carers who came for the first time in 90 days")


class LoadOut(BaseModel):
    """Work of one person; seconds."""

    staff: str
    name: str
    role: str
    visits: int
    hard: int
    service: int
    at_work: int
    share: float | None
    hard_share: float | None


class SpreadOut(BaseModel):
    """How evenly work is spread over a role; `*`: everybody."""

    role: str
    people: int
    load_gini: float | None
    load_busiest: float | None
    hard_gini: float | None
    hard_busiest: float | None


class CellOut(BaseModel):
    """One group of people; counts are null where it is too small to be shown."""

    dimension: Literal["all", "age", "place", "payer"]
    group: str
    hidden: bool
    people: int | None
    asked: int | None
    late: int | None
    late_rate: float | None
    unserved: int | None
    unserved_rate: float | None
    strange: int | None
    strange_rate: float | None


class ReportOut(BaseModel):
    """Published days of a span that have passed; formulas: docs/planning.md."""

    street: str
    name: str
    first: date
    last: date
    days: int
    visits: int
    main_share: float | None
    top_share: float | None
    carers: float | None = Field(description="Mean number of carers of a client-month")
    introductions: int
    within: float | None = Field(description="Client-months inside the limits of the policy pack")
    clients: list[ClientMonthOut]
    staff: list[LoadOut]
    spread: list[SpreadOut]
    equity: list[CellOut]

    @classmethod
    def of(cls, found: Report) -> "ReportOut":
        """A report with names."""
        names = found.names
        return cls(
            street=found.street,
            name=found.name,
            first=found.first,
            last=found.last,
            days=found.days,
            visits=found.visits,
            main_share=found.main_share,
            top_share=found.top_share,
            carers=found.carers,
            introductions=found.introductions,
            within=found.within,
            clients=[
                ClientMonthOut(
                    elder=one.elder,
                    name=names.get(one.elder, one.elder),
                    month=one.month,
                    visits=one.visits,
                    carers=one.carers,
                    main=one.main,
                    main_name=names.get(one.main, one.main),
                    main_share=one.main_share,
                    top_share=one.top_share,
                    new=list(one.new),
                )
                for one in found.months
            ],
            staff=[
                LoadOut(
                    staff=one.staff,
                    name=names.get(one.staff, one.staff),
                    role=one.role,
                    visits=one.visits,
                    hard=one.hard,
                    service=one.service,
                    at_work=one.at_work,
                    share=one.share,
                    hard_share=one.hard_share,
                )
                for one in found.loads
            ],
            spread=[
                SpreadOut(
                    role=one.role,
                    people=one.people,
                    load_gini=one.load_gini,
                    load_busiest=one.load_busiest,
                    hard_gini=one.hard_gini,
                    hard_busiest=one.hard_busiest,
                )
                for one in found.spreads
            ],
            equity=[
                CellOut.model_validate(
                    {
                        "dimension": one.dimension,
                        "group": one.group,
                        "hidden": one.hidden,
                        "people": one.people,
                        "asked": one.asked,
                        "late": one.late,
                        "late_rate": one.late_rate,
                        "unserved": one.unserved,
                        "unserved_rate": one.unserved_rate,
                        "strange": one.strange,
                        "strange_rate": one.strange_rate,
                    }
                )
                for one in found.equity
            ],
        )


@router.get("/continuity", response_model=ReportOut)
def get_continuity(
    street: str,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    language: Speak,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    form: Literal["json", "csv"] = "json",
    table: fairness_files.Table = "clients",
) -> ReportOut | Response:
    """Continuity, fairness of load and equity. `form=csv` answers one `table` of it."""
    found = fairness.report(tx, caller, StreetId(street), first, last, on(packs, street, last))
    if form == "json":
        return ReportOut.of(found)
    file = f"continuity-{street}-{first}-{last}-{table}.csv"
    return Response(
        fairness_files.csv_file(found, table, language),
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
        media_type="text/csv; charset=utf-8",
    )
