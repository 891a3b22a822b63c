"""What somebody does on the page of a referral: a plain form, done in one transaction, shown."""

from fastapi import Request

from api.context import database
from api.pages.filled import Filled
from carecoord.access import Caller
from carecoord.errors import Conflict, Invalid
from carecoord.fhir import referrals as papers
from carecoord.flows import inbox, intake, offer, referral, upward
from carecoord.flows.referral import Brought
from carecoord.model.ids import ReferralId
from carecoord.store.engine import Tx


def do(request: Request, caller: Caller, task: str, filled: Filled) -> None:
    """Carry out what the pressed button says.

    Raises
    ------
    CareError
        Refused; nothing has changed.
    """
    deed, id_ = filled.one("do"), ReferralId(task)
    expected = int(filled.one("version")) if filled.one("version").isdecimal() else None
    data = request.app.state.settings.data
    if deed == "take":
        try:
            with database(request).write() as tx:
                offer.accept(tx, caller, filled.one("offer"), data, expected=expected)
        except Conflict as error:
            if error.code == "offer.gone":
                with database(request).write() as tx:
                    offer.reoffer(tx, caller, filled.one("offer"), data)
            raise
        return
    with database(request).write() as tx:
        if deed == "offers":
            offer.propose(tx, caller, id_, data)
        elif deed == "remark":
            referral.remark(tx, caller, id_, filled.one("text"), expected=expected)
        elif deed == "send":
            upward.send(tx, caller, id_, filled.one("receiver"), expected=expected)
        elif deed == "abort":
            referral.ask_abort(tx, caller, id_, filled.one("text"), expected=expected)
        elif deed in ("abort-yes", "abort-no"):
            referral.answer_abort(
                tx, caller, filled.one("abort"), agree=deed == "abort-yes",
                reason=filled.one("text"), expected=expected,
            )  # fmt: skip
        else:
            _move(tx, caller, id_, deed, filled, expected)


def _move(
    tx: Tx, caller: Caller, id_: ReferralId, deed: str, filled: Filled, expected: int | None
) -> None:
    view = inbox.look(tx, caller, id_)
    to = {
        "ask": "awaiting-information",
        "answer": view.before,
        "reroute": "requested",
        "move": filled.one("to"),
    }.get(deed, "")
    if not to:
        raise Invalid("referral.deed", field="do", deed=deed or "-")
    outputs = []
    if to == "completed":
        outputs = [papers.output("feedback", text=filled.one("text"))] * bool(filled.one("text"))
        outputs += [
            papers.output("document", reference=intake.keep(tx, caller, view.line.elder, k, one))
            for k, one in enumerate(filled.files.get("outputs", ()))
        ]
    brought = Brought(
        reason=filled.one("reason"),
        text=filled.one("text"),
        outputs=outputs,
        receiver=filled.one("receiver"),
    )
    upward.after(tx, caller, referral.act(tx, caller, id_, to, brought, expected=expected))
