"""What would a referral be answered if it were sent now? Computed, undone, nobody told."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carecoord.access import Caller, everything, require
from carecoord.errors import CareError
from carecoord.fhir import referrals as papers
from carecoord.flows import acceptance, intake, offer, referral, register
from carecoord.flows.intake import Sending
from carecoord.model.ids import ReferralId
from carecoord.store.engine import Tx
from carecoord.store.offers import Offer

_ENGINE = everything("preview")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a receiver would say.

    planned
        Whether the receiver is of a street; only its capacity can be computed.
    missing, wanted
        Parts of the checklist that the referral lacks: asked back, and only listed.
    offers
        The earliest start first; their ids are of nothing stored.
    refused
        Why there is no offer, such as a bed that the rules forbid.
    """

    planned: bool
    missing: tuple[str, ...]
    wanted: tuple[str, ...]
    offers: tuple[Offer, ...] = ()
    refused: CareError | None = None

    @property
    def earliest(self) -> date | None:
        """The first start at which every visit fits."""
        whole = (o.body for o in self.offers if o.body["fitting"] == o.body["wanted"])
        return next((date.fromisoformat(body["start"]) for body in whole), None)


def answer(tx: Tx, caller: Caller, sending: Sending, data: Path) -> Preview:
    """The answer to a referral that is not sent; `tx` is left as it was.

    Raises
    ------
    Forbidden
        The caller may not send it.
    Invalid
        A field that is missing or unknown, by its JSON name, as when it is sent.
    """
    require(caller, "referral.send")
    with acceptance.undone(tx):
        task = intake.send(tx, caller, sending)
        id_ = ReferralId(task.id)
        missing = tuple(referral.lacking(tx, task, "required"))
        wanted = tuple(referral.lacking(tx, task, "wanted"))
        if register.street_of(tx, papers.owner(task.resource)) is None:
            return Preview(False, missing, wanted)
        try:
            made = offer.propose(tx, _ENGINE, id_, data)
        except CareError as error:
            return Preview(True, missing, wanted, refused=error)
        return Preview(True, missing, wanted, tuple(made))
