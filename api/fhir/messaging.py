"""FHIR messaging: `$process-message`; what a subscription was and is told."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.context import Body, CallerNow, Speak, database
from api.fhir import exchange
from carecoord.fhir import wire
from carecoord.flows import messages, subscriptions

router = APIRouter(prefix="/fhir")


@router.post("/$process-message")
def process_message(request: Request, body: Body, caller: CallerNow, language: Speak) -> Response:
    """Carry out one message about a referral; the answer is a message too.

    200 whether the message was ok, fatal or transient: that stands in `MessageHeader.response`.
    400: it is no message.
    """
    exchange.require_json(request)
    exchange.require_sent_json(request)
    sent = wire.loads(body)
    with database(request).write() as tx:
        answer = messages.process(tx, caller, sent, language)
    return exchange.json(answer)


@router.get("/Subscription/{id}/$status")
def subscription_status(request: Request, id: str, caller: CallerNow) -> Response:  # noqa: A002
    """Where a subscription stands: status and the number of its last event."""
    exchange.require_json(request)
    with database(request).read() as tx:
        return exchange.json(subscriptions.status(tx, caller, id))


@router.get("/Subscription/{id}/$events")
def subscription_events(
    request: Request,
    id: str,  # noqa: A002
    caller: CallerNow,
    since: Annotated[int, Query(alias="eventsSinceNumber", ge=1)] = 1,
    until: Annotated[int | None, Query(alias="eventsUntilNumber", ge=1)] = None,
    content: Annotated[str, Query(pattern="^(empty|id-only|full-resource)?$")] = "",
) -> Response:
    """What a subscription was told under these numbers, for who has missed some of it."""
    exchange.require_json(request)
    with database(request).read() as tx:
        found = subscriptions.events(tx, caller, id, since=since, until=until, content=content)
        return exchange.json(found)
