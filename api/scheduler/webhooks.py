"""Signed webhooks: who is told, with a delivery log and replay."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from api.context import CallerNow, ReadTx, WriteTx
from carecoord.flows import subscriptions
from carecoord.store.receivers import Receiver

router = APIRouter(tags=["webhooks"])


class WebhookIn(BaseModel):
    """Where to tell, of what."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(examples=["https://hospital.example.org/hooks/referral"])
    topics: list[str] = Field(default_factory=list, examples=[["referral.*"]])
    filters: dict[str, str] = Field(
        default_factory=dict, examples=[{"requester": "Organization/hospital-1"}]
    )


class WebhookOut(BaseModel):
    """One receiver; `secret` only when it was just made."""

    id: str
    kind: str
    url: str
    topics: list[str]
    filters: dict[str, str]
    state: str
    events: int
    secret: str = ""

    @classmethod
    def of(cls, one: Receiver, *, secret: bool = False) -> "WebhookOut":
        """One receiver."""
        return cls(
            id=one.id,
            kind=one.kind,
            url=one.url,
            topics=list(one.wishes.get("topics", ())),
            filters=dict(one.wishes.get("filters", {})),
            state=one.state,
            events=one.events,
            secret=one.secret if secret else "",
        )


class AttemptOut(BaseModel):
    """One try; status 0 = no answer."""

    at: datetime
    status: int
    milliseconds: int
    error: str


class DeliveryOut(BaseModel):
    """One message to one receiver."""

    id: str
    kind: str
    number: int
    event: str
    state: str
    next_at: datetime
    attempts: list[AttemptOut]


class ReplayedOut(BaseModel):
    """How many events are sent again."""

    events: int


@router.post("/webhooks", status_code=201)
def add_webhook(body: WebhookIn, caller: CallerNow, tx: WriteTx) -> WebhookOut:
    """Add a webhook. The secret that signs is shown this once."""
    made = subscriptions.add_webhook(tx, caller, body.url, body.topics, body.filters)
    return WebhookOut.of(made, secret=True)


@router.get("/webhooks")
def list_webhooks(caller: CallerNow, tx: ReadTx) -> list[WebhookOut]:
    """Every receiver, Subscriptions among them."""
    return [WebhookOut.of(one) for one in subscriptions.webhooks(tx, caller)]


@router.post("/webhooks/{webhook}:rotate")
def rotate_secret(webhook: str, caller: CallerNow, tx: WriteTx) -> WebhookOut:
    """A new secret; the old one signs beside it for seven days."""
    return WebhookOut.of(subscriptions.rotate(tx, caller, webhook), secret=True)


@router.post("/webhooks/{webhook}:replay")
def replay(webhook: str, since: int, caller: CallerNow, tx: WriteTx) -> ReplayedOut:
    """Send every event from number `since` on again, under the same keys."""
    return ReplayedOut(events=subscriptions.replay(tx, caller, webhook, since))


@router.delete("/webhooks/{webhook}", status_code=204)
def switch_off(webhook: str, caller: CallerNow, tx: WriteTx) -> Response:
    """Tell it nothing more; its log stays."""
    subscriptions.switch_off(tx, caller, webhook)
    return Response(status_code=204)


@router.get("/webhooks/{webhook}/deliveries")
def deliveries(webhook: str, caller: CallerNow, tx: ReadTx) -> list[DeliveryOut]:
    """The newest deliveries with every try."""
    return [
        DeliveryOut(
            id=one.id,
            kind=one.kind,
            number=one.number,
            event=one.event,
            state=one.state,
            next_at=one.next_at,
            attempts=[
                AttemptOut(at=a.at, status=a.status, milliseconds=a.milliseconds, error=a.error)
                for a in tries
            ],
        )
        for one, tries in subscriptions.log(tx, caller, webhook)
    ]
