"""Referrals for people: the inbox, one referral and what is done with it, its files and slips."""

import base64
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.context import CallerNow, ReadTx, database
from api.pages import referral_form, referral_moves
from api.pages.filled import FormNow
from api.pages.shell import PageRoute, links, page, spoken
from api.problems import status_of
from carecoord.access import Caller
from carecoord.errors import CareError
from carecoord.flows import deadlines, directory, inbox, offer, slips
from carecoord.flows.inbox import Line
from carecoord.flows.slips import Slip
from carecoord.model.ids import ReferralId
from carecoord.model.referrals import REASONS
from carecoord.model.time import ZONE
from carecoord.store.engine import Tx

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# Before the address of one referral, which would take its own for an id.
router.include_router(referral_form.router)


def _lines(tx: ReadTx, caller: CallerNow, sender: str = "", receiver: str = "") -> list[Line]:
    return inbox.listing(tx, caller, sender=sender, receiver=receiver)


def _slips(task: str, tx: ReadTx, caller: CallerNow) -> tuple[Slip, Slip]:
    id_ = ReferralId(task)
    return slips.out(tx, caller, id_), slips.back(tx, caller, id_)


@router.get("/referrals")
def get_referrals(request: Request, lines: Annotated[list[Line], Depends(_lines)]) -> Response:
    """Referrals sent and received, newest first."""
    return page(request, "referrals.html", lines=lines)


@router.get("/referrals/{task}")
def get_referral(request: Request, task: str, tx: ReadTx, caller: CallerNow) -> Response:
    """One referral: status timeline, questions and answers, capacity and earliest start."""
    return _one(request, tx, caller, task)


@router.post("/referrals/{task}")
def post_referral(request: Request, task: str, caller: CallerNow, filled: FormNow) -> Response:
    """Do something with a referral; what is refused is told on its page."""
    try:
        referral_moves.do(request, caller, task, filled)
    except CareError as error:
        fault = spoken(request).t(error.code, **error.facts)
        with database(request).read() as tx:
            return _one(request, tx, caller, task, fault, status_of(error))
    return RedirectResponse(links(request).referral(task), 303)


@router.get("/referrals/{task}/slip")
def get_slip(
    request: Request, found: Annotated[tuple[Slip, Slip], Depends(_slips)], task: str
) -> Response:
    """双向转诊单 for printing: out slip and return slip."""
    return page(request, "referral_slip.html", slips=found, task=task)


@router.get("/referrals/{task}/files/{file}")
def get_file(task: str, file: str, tx: ReadTx, caller: CallerNow) -> Response:
    """An attachment or result of a referral, to be kept as a file."""
    found = inbox.file(tx, caller, ReferralId(task), file)
    name = quote(found["title"], safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    kind = found["contentType"]
    return Response(base64.b64decode(found["data"]), media_type=kind, headers=headers)


def _one(
    request: Request, tx: Tx, caller: Caller, task: str, fault: str = "", status: int = 200
) -> Response:
    id_ = ReferralId(task)
    view = inbox.look(tx, caller, id_)
    made = [one for one in offer.of_referral(tx, caller, id_) if one.state in ("open", "taken")]
    names: dict[str, str] = {}
    for note in view.notes:
        inbox.name_of(tx, str(note["who"]), names)
    return page(
        request,
        "referral.html",
        status,
        view=view,
        made=made,
        candidates=directory.rank(tx, caller) if "requested" in view.allowed else [],
        names=names,
        files=inbox.results(tx, view),
        told=deadlines.told_of(tx, view.limits),
        fault=fault,
        reasons=REASONS,
        zone=ZONE,
    )
