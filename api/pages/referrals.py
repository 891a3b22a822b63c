"""Referrals for people: the inbox, the form a hospital fills in, one referral, its slips."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.context import CallerNow, ReadTx
from api.pages.shell import PageRoute, page
from carecoord.flows import directory, inbox, offer, slips
from carecoord.flows.directory import Candidate
from carecoord.flows.inbox import Line, View
from carecoord.flows.slips import Slip
from carecoord.model.ids import ReferralId
from carecoord.model.referrals import REASONS
from carecoord.model.time import ZONE
from carecoord.store.offers import Offer

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _lines(tx: ReadTx, caller: CallerNow, sender: str = "", receiver: str = "") -> list[Line]:
    return inbox.listing(tx, caller, sender=sender, receiver=receiver)


def _view(task: str, tx: ReadTx, caller: CallerNow) -> tuple[View, tuple[Offer, ...]]:
    id_ = ReferralId(task)
    made = tuple(
        one for one in offer.of_referral(tx, caller, id_) if one.state in ("open", "taken")
    )
    return inbox.look(tx, caller, id_), made


def _candidates(tx: ReadTx, caller: CallerNow) -> list[Candidate]:
    return directory.rank(tx, caller)


def _slips(task: str, tx: ReadTx, caller: CallerNow) -> tuple[Slip, Slip]:
    id_ = ReferralId(task)
    return slips.out(tx, caller, id_), slips.back(tx, caller, id_)


@router.get("/referrals")
def get_referrals(request: Request, lines: Annotated[list[Line], Depends(_lines)]) -> Response:
    """Referrals sent and received, newest first."""
    return page(request, "referrals.html", lines=lines)


@router.get("/referrals/new")
def get_form(
    request: Request, candidates: Annotated[list[Candidate], Depends(_candidates)]
) -> Response:
    """The form "send a referral"."""
    senders = [c for c in candidates if c.kind in ("hospital", "health-centre")]
    return page(request, "referral_new.html", candidates=candidates, senders=senders)


@router.get("/referrals/{task}")
def get_referral(
    request: Request, found: Annotated[tuple[View, tuple[Offer, ...]], Depends(_view)]
) -> Response:
    """One referral: status timeline, questions and answers, capacity and earliest start."""
    view, offers = found
    return page(request, "referral.html", view=view, offers=offers, reasons=REASONS, zone=ZONE)


@router.get("/referrals/{task}/slip")
def get_slip(
    request: Request, found: Annotated[tuple[Slip, Slip], Depends(_slips)], task: str
) -> Response:
    """双向转诊单 for printing: out slip and return slip."""
    return page(request, "referral_slip.html", slips=found, task=task)
