"""Beds at home: from application to close summary, rounds, limits."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.context import CallerNow, Expected, ReadTx, WriteTx
from api.scheduler.bed_bodies import (
    ApplicationIn,
    BedDueOut,
    BedIn,
    BedOut,
    CapacityIn,
    DueOut,
    OccupancyOut,
    ReasonedIn,
    RoundIn,
    StepIn,
    TaskOut,
)
from api.scheduler.rules import PacksNow, on, today
from carecoord.errors import Conflict
from carecoord.fhir import beds as resources
from carecoord.flows import bed, eligibility, notices, register, rounds
from carecoord.model import time
from carecoord.model.beds import Step
from carecoord.model.ids import BedId, ElderId, ReferralId, StreetId
from carecoord.model.policy import Rules
from carecoord.packs.load import Packs
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

router = APIRouter(tags=["beds"])


async def _named_version(expected: Expected) -> int:
    if expected is None:
        raise Conflict("document.precondition", field="If-Match")
    return expected


Version = Annotated[int, Depends(_named_version)]
"""`If-Match`, which every change of a bed needs; 428 without it."""


def rules_of(tx: Tx, packs: Packs, elder: str) -> Rules:
    """Rows in force today where an elder lives."""
    return today(packs, register.jurisdiction(tx, ElderId(elder)))


def _rules_at(tx: Tx, packs: Packs, bed_id: str) -> Rules:
    found = resources.bed(eligibility.bed_document(tx, bed_id))
    return today(packs, register.street_of(tx, found.organization) or "CN")


def _answer(stored: Document, response: Response) -> BedOut:
    response.headers["ETag"] = f'W/"{stored.version}"'
    return BedOut.of(stored)


@router.post("/beds", status_code=201)
def open_bed(
    body: BedIn, caller: CallerNow, tx: WriteTx, packs: PacksNow, response: Response
) -> BedOut:
    """Open a bed that was applied for and visited elsewhere, such as on paper."""
    day = body.from_day or time.today()
    asked = ReferralId(body.referral) if body.referral else None
    opened = bed.open_bed(
        tx,
        caller,
        ElderId(body.elder),
        body.kind,
        body.organization,
        day,
        rules_of(tx, packs, body.elder),
        referral=asked,
    )
    return _answer(opened, response)


@router.post("/beds:apply", status_code=201)
def apply(
    body: ApplicationIn, caller: CallerNow, tx: WriteTx, packs: PacksNow, response: Response
) -> BedOut:
    """Apply for a bed; next come `:screen`, `:visit`, `:open` and `:record`."""
    applied = bed.apply(
        tx,
        caller,
        ElderId(body.elder),
        body.kind,
        body.organization,
        rules_of(tx, packs, body.elder),
        referral=ReferralId(body.referral) if body.referral else None,
        note=body.note,
    )
    return _answer(applied, response)


@router.get("/beds/{bed_id}")
def get_bed(
    bed_id: str, caller: CallerNow, tx: ReadTx, packs: PacksNow, response: Response
) -> BedDueOut:
    """One bed: state, what may follow, what is due by which rule."""
    found = rounds.read_bed(tx, caller, BedId(bed_id))
    rules = _rules_at(tx, packs, bed_id)
    due = [DueOut.of(one) for one in rounds.due_at(tx, resources.bed(found), rules)]
    return BedDueOut(**_answer(found, response).model_dump(), due=due)


@router.get("/elders/{elder}/beds")
def get_beds(elder: str, caller: CallerNow, tx: ReadTx) -> list[BedOut]:
    """Every bed that a person has or had."""
    return [BedOut.of(one) for one in rounds.beds_of_elder(tx, caller, ElderId(elder))]


def _taken(
    what: Step,
    bed_id: str,
    body: StepIn,
    caller: CallerNow,
    tx: Tx,
    packs: Packs,
    expected: int,
    response: Response,
) -> BedOut:
    moved = bed.step(
        tx,
        caller,
        BedId(bed_id),
        what,
        _rules_at(tx, packs, bed_id),
        expected=expected,
        performer=body.performer,
        reason=body.reason if isinstance(body, ReasonedIn) else "",
        note=body.note,
        at=body.at,
    )
    return _answer(moved, response)


def _offer(what: Step, takes: type[StepIn], said: str) -> None:
    """One route for one step; `takes` is what the step needs to be told."""

    def handle(
        bed_id: str,
        body: StepIn,
        caller: CallerNow,
        tx: WriteTx,
        packs: PacksNow,
        expected: Version,
        response: Response,
    ) -> BedOut:
        return _taken(what, bed_id, body, caller, tx, packs, expected, response)

    handle.__doc__ = said
    handle.__name__ = f"{what.value}_bed"
    handle.__annotations__["body"] = takes
    router.post(f"/beds/{{bed_id}}:{what.value}")(handle)


_offer(Step.SCREEN, StepIn, "The condition fits the bed. Home hospital bed: by a doctor or nurse.")
_offer(Step.VISIT, StepIn, "The home was seen. Home hospital bed: by the responsible doctor.")
_offer(Step.OPEN, StepIn, "Open the bed: limits, consent, and the other bed's manager is told.")
_offer(Step.RECORD, StepIn, "The first record is written: the bed is in use.")
_offer(Step.SUSPEND, ReasonedIn, "Suspend it; visits stop. `hospital_stay` suspends both beds.")
_offer(Step.REVIEW, StepIn, "The person is home again; the bed waits for its review.")
_offer(Step.RESUME, StepIn, "The review is done: visits come back.")
_offer(Step.CLOSE, ReasonedIn, "Close the bed with a reason of the pack; a summary is due.")
_offer(Step.FINISH, StepIn, "The close summary is written.")
_offer(Step.REJECT, ReasonedIn, "Turn an application down; `reason` in words.")
_offer(Step.CANCEL, ReasonedIn, "Take an application back; `reason` in words.")


@router.post("/beds/{bed_id}:extend")
def extend(
    bed_id: str,
    body: StepIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    expected: Version,
    response: Response,
) -> BedOut:
    """Begin the next cycle; needs an assessment made in the present one."""
    extended = bed.extend(
        tx,
        caller,
        BedId(bed_id),
        _rules_at(tx, packs, bed_id),
        expected=expected,
        performer=body.performer,
        note=body.note,
    )
    return _answer(extended, response)


@router.post("/beds/{bed_id}/rounds", status_code=201)
def record_round(
    bed_id: str,
    body: RoundIn,
    caller: CallerNow,
    tx: WriteTx,
    packs: PacksNow,
    expected: Expected,
) -> TaskOut:
    """Record a round, nurse's visit, call or home review as an Encounter of the bed.

    `If-Match` (version of the bed) is needed only to change `stable`.
    """
    done = rounds.record_round(
        tx,
        caller,
        BedId(bed_id),
        body.kind,
        _rules_at(tx, packs, bed_id),
        performer=body.performer,
        at=body.at,
        note=body.note,
        stable=body.stable,
        expected=expected,
    )
    return TaskOut(
        reference=done.reference, version=done.version, status=str(done.resource["status"])
    )


@router.get("/streets/{street}/rounds")
def get_rounds(
    street: str,
    caller: CallerNow,
    tx: ReadTx,
    packs: PacksNow,
    until: Annotated[date | None, Query(description="Last day; a week ahead if left out")] = None,
) -> list[DueOut]:
    """What is due at the beds of a street, late things first, each with its rule."""
    now = time.today()
    limit = until or now + timedelta(days=7)
    found = rounds.rounds_due(tx, caller, StreetId(street), on(packs, street, now), until=limit)
    return [DueOut.of(one) for one in found]


@router.get("/organizations/{organization}/beds")
def get_occupancy(organization: str, caller: CallerNow, tx: ReadTx) -> list[OccupancyOut]:
    """Licensed, taken and waiting beds by kind."""
    return [
        OccupancyOut(kind=o.kind, licensed=o.licensed, taken=o.taken, waiting=o.waiting)
        for o in rounds.occupancy(tx, caller, organization)
    ]


@router.put("/organizations/{organization}/beds")
def put_capacity(
    organization: str,
    body: CapacityIn,
    caller: CallerNow,
    tx: WriteTx,
    expected: Version,
    response: Response,
) -> list[OccupancyOut]:
    """Set a licensed number of beds; `If-Match` names the version of the Organization."""
    done = rounds.license_beds(tx, caller, organization, body.kind, body.beds, expected=expected)
    response.headers["ETag"] = f'W/"{done.version}"'
    return get_occupancy(organization, caller, tx)


@router.post("/notices/{task}:confirm")
def confirm_notice(task: str, caller: CallerNow, tx: WriteTx, expected: Version) -> TaskOut:
    """Say that a notice was read, such as that of the other bed."""
    done = notices.confirm(tx, caller, task, expected=expected)
    return TaskOut(
        reference=done.reference, version=done.version, status=str(done.resource["status"])
    )
