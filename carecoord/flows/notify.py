"""Telling others: an event in the outbox for everybody who asked to hear of it."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.model import time
from carecoord.store import outbox
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.store.outbox import Event
from carecoord.store.receivers import Receiver

TOPICS = {
    "Task": f"{read.BASE}/SubscriptionTopic/referral-task",
    "ServiceRequest": f"{read.BASE}/SubscriptionTopic/referral-request",
}
"""Canonical address of the subscription topic of each kind of resource."""

FILTERS = ("owner", "requester", "patient", "status", "business-status")
"""What a subscription or webhook may filter by."""


def referral(tx: Tx, topic: str, task: Document, **facts: str) -> Event:
    """Something happened to a referral."""
    resource = task.resource
    position = papers.position(resource)
    known = {
        "owner": (resource.get("owner") or {}).get("reference", ""),
        "requester": (resource.get("requester") or {}).get("reference", ""),
        "patient": (resource.get("for") or {}).get("reference", ""),
        "status": str(resource.get("status", "")),
        "business-status": position.state.value,
    }
    return outbox.append(
        tx, time.now(), topic, task.reference, task.version, known | facts, wanted_by
    )


def request(tx: Tx, topic: str, asked: Document) -> Event:
    """Something happened to the request of a referral."""
    resource = asked.resource
    known = {
        "requester": (resource.get("requester") or {}).get("reference", ""),
        "owner": next((p.get("reference", "") for p in resource.get("performer", ())), ""),
        "patient": (resource.get("subject") or {}).get("reference", ""),
        "status": str(resource.get("status", "")),
    }
    return outbox.append(tx, time.now(), topic, asked.reference, asked.version, known, wanted_by)


def wanted_by(receiver: Receiver, event: Event) -> bool:
    """Whether a receiver asked to hear of an event: its topics and every one of its filters."""
    topics = receiver.wishes.get("topics", [])
    kind = event.reference.partition("/")[0]
    named = {event.topic, TOPICS.get(kind, ""), f"{event.topic.partition('.')[0]}.*", "*"}
    if not named & set(topics):
        return False
    filters: Mapping[str, str] = receiver.wishes.get("filters", {})
    return all(event.facts.get(name, "") in values.split(",") for name, values in filters.items())


def filters(criteria: str) -> dict[str, str]:
    """Filters of a backport criterion such as `Task?owner=Organization/1`."""
    return dict(parse_qsl(criteria.partition("?")[2]))
