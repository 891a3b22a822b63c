"""A referral between two organisations: states and who may move them."""

from carecoord.errors import Conflict

NEXT: dict[str, tuple[str, ...]] = {
    "requested": ("received", "accepted", "rejected"),
    "received": ("accepted", "rejected"),
    "accepted": ("in-progress", "failed"),
    "in-progress": ("completed", "failed"),
    "completed": (),
    "failed": (),
    "rejected": (),
}
"""Task.status of the coordination task to the states that may follow it."""


def move(referral: str, state: str, to: str) -> str:
    """The new state of a referral.

    Raises
    ------
    Conflict
        `to` may not follow `state`; the facts list what may.
    """
    allowed = NEXT.get(state, ())
    if to not in allowed:
        raise Conflict(
            "referral.move", referral=referral, state=state, to=to, allowed=", ".join(allowed)
        )
    return to
