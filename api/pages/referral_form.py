"""The form "send a referral": computed before it is sent, sent, or shown again with its faults."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from api.context import CallerNow, ReadTx, database
from api.pages.filled import Filled, FormNow
from api.pages.shell import PageRoute, links, page, spoken
from api.pages.words import Words
from api.problems import misfit, status_of
from api.scheduler.referral_bodies import ReferralIn
from carecoord.errors import CareError
from carecoord.flows import directory, intake, preview
from carecoord.flows.directory import Candidate
from carecoord.flows.preview import Preview
from carecoord.model import time
from carecoord.model.ids import ReferralId
from carecoord.packs.load import load
from carecoord.store.engine import Tx

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ORDER_ROWS = 4
"""Empty rows for orders that a form without script has."""

_PLAIN = (
    "sender", "receiver", "direction", "urgency", "number", "wanted", "diagnosis_code",
    "diagnosis", "summary", "discharge", "chosen_by",
)  # fmt: skip
_PERSON = (
    "id", "resident_number", "name", "gender", "birth", "phone", "address", "longitude",
    "latitude",
)  # fmt: skip
_ORDER = re.compile(r"orders\[(\d+)\]\.item")


@dataclass(frozen=True, slots=True)
class Shown:
    """The form as it is shown: what stands in it, what was computed, faults by field."""

    filled: Filled = field(default_factory=Filled)
    answer: Preview | None = None
    faults: dict[str, str] = field(default_factory=dict)


def _candidates(tx: ReadTx, caller: CallerNow) -> list[Candidate]:
    return directory.rank(tx, caller, wanted="home-hospital-bed")


@router.get("/referrals/new")
def get_form(
    request: Request, candidates: Annotated[list[Candidate], Depends(_candidates)]
) -> Response:
    """The form "send a referral"."""
    return _form(request, candidates, Shown())


@router.post("/referrals/new")
def post_form(request: Request, filled: FormNow, caller: CallerNow) -> Response:
    """Compute what the referral would be answered, or send it; faults stand at their fields."""
    words = spoken(request)
    data = request.app.state.settings.data
    status, answer = 200, None
    sending, faults = _sending(filled, words)
    try:
        if sending is not None and filled.one("do") == "send":
            with database(request).write() as tx:
                sent = intake.send(tx, caller, sending)
            return RedirectResponse(links(request).referral(ReferralId(sent.id)), 303)
        if sending is not None:
            with database(request).write() as tx:
                answer = preview.answer(tx, caller, sending, data)
    except CareError as error:
        faults = {error.field: words.t(error.code, **error.facts)}
        status = status_of(error)
    if sending is None:
        status = 422
    with database(request).read() as tx:
        candidates = _ranked(tx, caller, filled)
    return _form(request, candidates, Shown(filled, answer, faults), status)


def _ranked(tx: Tx, caller: CallerNow, filled: Filled) -> list[Candidate]:
    return directory.rank(tx, caller, wanted=filled.one("wanted"))


def _form(
    request: Request, candidates: list[Candidate], shown: Shown, status: int = 200
) -> Response:
    words = spoken(request)
    rules = load().on(time.today(), "CN")
    items = [
        (item.code, item.zh if words.language == "zh_CN" else item.en) for item in rules.catalogue()
    ]
    rows = max(ORDER_ROWS, len([n for n in shown.filled.values if _ORDER.fullmatch(n)]))
    return page(
        request,
        "referral_new.html",
        status,
        candidates=candidates,
        # Who comes home mostly comes from a hospital.
        senders=sorted(
            (c for c in candidates if c.kind in ("hospital", "health-centre")),
            key=lambda c: c.kind != "hospital",
        ),
        items=items,
        rows=rows,
        filled=shown.filled,
        answer=shown.answer,
        faults=shown.faults,
        known=_known(rows),
        today=time.today(),
    )


def _known(rows: int) -> set[str]:
    """Fields beside which a fault can stand; any other is told at the top."""
    orders = {f"orders[{k}].{part}" for k in range(rows) for part in ("item", "frequency")}
    return {*_PLAIN, *(f"person.{name}" for name in _PERSON), *orders}


def _sending(filled: Filled, words: Words) -> tuple[intake.Sending | None, dict[str, str]]:
    try:
        return ReferralIn.model_validate(_body(filled)).to_model(), {}
    except ValidationError as error:
        return None, {
            _name(one["loc"]): words.t(code, **facts)
            for one in error.errors()
            for code, facts in [misfit(dict(one))]
        }


def _name(place: tuple[int | str, ...]) -> str:
    """`orders[0].item` of a place such as ("orders", 0, "item")."""
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name


def _body(filled: Filled) -> dict[str, Any]:
    """The form as the JSON that a program would send."""
    value: Callable[[str], str] = filled.one
    body: dict[str, Any] = {name: value(name) for name in _PLAIN if value(name)}
    body |= {"sender": value("sender"), "receiver": value("receiver")}
    if body.get("direction", "down") != "down" or "wanted" not in body:
        body["wanted"] = ""
    rows = sorted(int(m[1]) for name in filled.values if (m := _ORDER.fullmatch(name)))
    return body | {
        "person": {name: value(f"person.{name}") for name in _PERSON if value(f"person.{name}")},
        "orders": [
            {"item": value(f"orders[{k}].item")}
            | {
                part: value(f"orders[{k}].{part}")
                for part in ("frequency", "period")
                if value(f"orders[{k}].{part}")
            }
            for k in rows
            if value(f"orders[{k}].item")
        ],
        "attachments": [asdict(one) for one in filled.files.get("attachments", ())],
        "consent": bool(value("consent")),
        "considered": filled.all("considered"),
    }
