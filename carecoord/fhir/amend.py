"""A decision changes a resource that others wrote: only what was decided, all else stays."""

from copy import deepcopy
from typing import Any

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
