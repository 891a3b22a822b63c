"""Records that may be one person: side by side, merged, taken apart again."""

from datetime import date

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, Expected, ReadTx, WriteTx
from api.scheduler.rules import PacksNow, today
from carecoord.flows import person
from carecoord.flows.person import Merged, Pair
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.issues import Finding
from carecoord.model.matching import Person
from carecoord.planning.detect import same_persons

router = APIRouter(prefix="/persons", tags=["persons"])


class OtherIn(BaseModel):
    """The other record."""

    model_config = ConfigDict(extra="forbid")

    other: str = Field(description="Id of the Patient", examples=["p-17"])


class PersonOut(BaseModel):
    """One record of the register, as far as matching compares it."""

    id: str
    name: str
    gender: str
    birth: date | None
    phones: list[str]
    address: str

    @classmethod
    def of(cls, one: Person) -> "PersonOut":
        """One record."""
        return cls(
            id=one.id,
            name=one.name,
            gender=one.gender,
            birth=one.birth,
            phones=list(one.phones),
            address=one.address,
        )


class PairOut(BaseModel):
    """Two records that may be one person."""

    grade: str = Field(examples=["probable"])
    score: int = Field(description="Percent", examples=[92])
    agreed: dict[str, int] = Field(description="How alike each thing is, percent")
    issue: str = Field(description="Id of the issue by which the pair is reviewed")
    first: PersonOut
    second: PersonOut
    rules: list[str]

    @classmethod
    def of(cls, pair: Pair) -> "PairOut":
        """One pair."""
        issue: Finding = same_persons([pair.match])[0]
        return cls(
            grade=pair.match.grade,
            score=pair.match.score,
            agreed=dict(pair.match.agreed),
            issue=issue.id,
            first=PersonOut.of(pair.first),
            second=PersonOut.of(pair.second),
            rules=[ref.rule_id for ref in pair.match.refs],
        )


class MergedOut(BaseModel):
    """Both records afterwards."""

    survivor: str = Field(examples=["Patient/p-3"])
    survivor_version: int
    other: str = Field(examples=["Patient/p-17"])
    other_version: int

    @classmethod
    def of(cls, done: Merged) -> "MergedOut":
        """Both records."""
        return cls(
            survivor=done.survivor.reference,
            survivor_version=done.survivor.version,
            other=done.other.reference,
            other_version=done.other.version,
        )


@router.get("/duplicates")
def list_duplicates(street: str, caller: CallerNow, tx: ReadTx, packs: PacksNow) -> list[PairOut]:
    """Pairs of a street that may be one person, the most likely first."""
    rules = today(packs, street)
    return [PairOut.of(pair) for pair in person.duplicates(tx, caller, StreetId(street), rules)]


@router.post("/{elder}:merge")
def merge_persons(
    elder: str,
    body: OtherIn,
    caller: CallerNow,
    tx: WriteTx,
    expected: Expected,
    response: Response,
) -> MergedOut:
    """Let this record stand for both; nothing is moved or lost. `If-Match` = its version."""
    done = person.merge(tx, caller, ElderId(elder), ElderId(body.other), expected=expected)
    response.headers["ETag"] = f'W/"{done.survivor.version}"'
    return MergedOut.of(done)


@router.post("/{elder}:unmerge")
def unmerge_persons(
    elder: str,
    body: OtherIn,
    caller: CallerNow,
    tx: WriteTx,
    expected: Expected,
    response: Response,
) -> MergedOut:
    """Take a merge back. `If-Match` = version of the record that stayed."""
    done = person.unmerge(tx, caller, ElderId(elder), ElderId(body.other), expected=expected)
    response.headers["ETag"] = f'W/"{done.survivor.version}"'
    return MergedOut.of(done)
