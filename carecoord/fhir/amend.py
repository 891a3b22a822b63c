"""A decision changes a resource that others wrote: only what was decided, all else stays."""

from copy import deepcopy
from typing import Any, Literal

from carecoord.fhir.read import extension_url, extension_value, system

Json = dict[str, Any]


def with_status(resource: Json, status: str, business_status: Json | None = None) -> Json:
    """A copy in another status (and with another businessStatus, where one is given)."""
    changed = deepcopy(resource)
    changed["status"] = status
    if business_status is not None:
        changed["businessStatus"] = business_status
    return changed


def bed_status(episode: Json, status: str, day: str) -> Json:
    """A copy of an EpisodeOfCare in another status from `day` on, with its history kept."""
    changed = with_status(episode, status)
    history = changed.setdefault("statusHistory", [])
    if history and "end" not in history[-1].get("period", {}):
        history[-1].setdefault("period", {})["end"] = day
    history.append({"status": status, "period": {"start": day}})
    if status in ("finished", "cancelled"):
        changed.setdefault("period", {})["end"] = day
    return changed


def plan_held(plan: Json, reason: str) -> Json:
    """A copy of a CarePlan on hold, saying why, so that it can be told from one held by hand."""
    changed = with_status(plan, "on-hold")
    changed.setdefault("extension", []).append(
        {"url": extension_url("hold-reason"), "valueCode": reason}
    )
    return changed


def plan_released(plan: Json) -> Json | None:
    """A copy in force again; None when somebody else had put it on hold."""
    if extension_value(plan, "hold-reason") is None:
        return None
    changed = with_status(plan, "active")
    kept = [e for e in changed["extension"] if e.get("url") != extension_url("hold-reason")]
    if kept:
        changed["extension"] = kept
    else:
        del changed["extension"]
    return changed


_TAKEN_UP = ("not-started", "scheduled", "in-progress")
_BED_ON_HOLD = {"coding": [{"system": system("hold-reason"), "code": "bed-suspended"}]}
Deed = Literal["hold", "release", "stop"]


def programme_tasks(plan: Json, programme: str, deed: Deed) -> Json | None:
    """A copy with the tasks of one programme held, released or stopped; None: nothing to change.

    Only tasks that were held here are released.
    """
    changed = deepcopy(plan)
    count = 0
    for activity in changed.get("activity", ()):
        detail = activity.get("detail", {})
        if extension_value(detail, "programme") != programme:
            continue
        state, ours = detail.get("status"), detail.get("statusReason") == _BED_ON_HOLD
        if deed == "hold" and state in _TAKEN_UP:
            detail |= {"status": "on-hold", "statusReason": deepcopy(_BED_ON_HOLD)}
        elif deed == "release" and ours:
            detail["status"] = "scheduled"
            del detail["statusReason"]
        elif deed == "stop" and (ours or state in _TAKEN_UP):
            detail["status"] = "stopped"
            detail.pop("statusReason", None)
        else:
            continue
        count += 1
    return changed if count else None
