"""Moving a visit by hand over HTTP, with the verdict before."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import problems
from api.change_bodies import ChangeOut, ToTellOut
from api.context import CallerNow, Expected, Speak, WriteTx
from api.scheduler.profiles import DataFolder, ProfileName
from api.scheduler.rules import PacksNow, on
from carecoord.errors import Conflict, Fact
from carecoord.flows import moves
from carecoord.flows.moves import Move
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.time import of_written
from carecoord.planning.moving import Wish
from carecoord.planning.weights import STANDARD
from carecoord.text import Language, sentence

router = APIRouter(prefix="/streets/{street}", tags=["moves"])


class MoveIn(BaseModel):
    """Where a visit should go."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"demand": "6b1f", "staff": ["c2"], "start": "09:30", "dry_run": True},
                {"demand": "6b1f", "staff": ["c2"], "after": "90ac", "reason": "daughter asked"},
            ]
        },
    )

    demand: str
    staff: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=2)
    start: str | None = Field(
        default=None,
        pattern=r"^[0-4]\d:[0-5]\d$",
        description="Clock time of the street; past midnight 24:00 and more",
    )
    after: str | None = Field(default=None, description="The visit directly before")
    dry_run: bool = Field(default=False, description="Only say what it would lead to")
    override: bool = Field(default=False, description="Break rules, because of `reason`")
    reason: str = Field(default="", max_length=500)
    profile: ProfileName = STANDARD

    def wish(self) -> Wish:
        """As the flow takes it."""
        return Wish(
            DemandId(self.demand),
            tuple(StaffId(one) for one in self.staff),
            None if self.start is None else of_written(self.start),
            None if self.after is None else DemandId(self.after),
        )


class BrokenOut(BaseModel):
    """A rule that the move breaks."""

    rule: str
    code: str
    facts: dict[str, Fact]
    text: str


class MoveOut(BaseModel):
    """What a move leads to; `version` is null as long as it is only looked at."""

    version: int | None
    allowed: bool
    total: int = Field(description="Change of the cost of the day")
    cost: dict[str, int] = Field(description="Change of cost by rule")
    broken: list[BrokenOut]
    changes: list[ChangeOut]
    to_tell: list[ToTellOut]

    @classmethod
    def of(cls, found: Move, day: date, language: Language) -> "MoveOut":
        """One move."""
        return cls(
            version=found.version or None,
            allowed=not found.broken,
            total=sum(found.cost.values()),
            cost=dict(found.cost),
            broken=[
                BrokenOut(
                    rule=one.rule,
                    code=one.code,
                    facts=dict(one.facts),
                    text=sentence(f"violation.{one.code}", one.facts, language),
                )
                for one in found.broken
            ],
            changes=[ChangeOut.of(one, day, language) for one in found.news],
            to_tell=[ToTellOut.of(one, day, language) for one in found.told],
        )


@router.post("/days/{day}:move", response_model=MoveOut)
def move(
    street: str,
    day: date,
    body: MoveIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    data: DataFolder,
    language: Speak,
    expected: Expected,
    request: Request,
    response: Response,
) -> MoveOut | Response:
    """Move one visit by hand; every other keeps its carers, and its time where that is possible.

    With `dry_run` nothing is stored and no `If-Match` is needed. 409 `move.refused`: it breaks
    rules; `move` says which. `override` with a reason breaks them.
    """
    where, rules, wish = StreetId(street), on(packs, street, day), body.wish()
    if body.dry_run:
        seen = moves.look(tx, caller, where, day, wish, data, rules, profile=body.profile)
        return MoveOut.of(seen, day, language)
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    try:
        found = moves.make(
            tx,
            caller,
            where,
            day,
            wish,
            data,
            rules,
            expected=expected,
            reason=body.reason,
            override=body.override,
            profile=body.profile,
        )
    except moves.Refused as error:
        shown = MoveOut.of(error.move, day, language).model_dump(mode="json")
        return problems.answer(request, error, move=shown)
    response.headers["ETag"] = f'W/"{found.version}"'
    return MoveOut.of(found, day, language)
