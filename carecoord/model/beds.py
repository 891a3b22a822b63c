"""Beds at home and what may become of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from carecoord.errors import Conflict, Invalid
from carecoord.model.ids import BedId, ElderId, OrganizationId, StaffId
from carecoord.model.policy import Rules
from carecoord.model.time import ZONE


class BedKind(StrEnum):
    """The two beds an elder can hold at home."""

    FAMILY = "family-bed"
    HOME_HOSPITAL = "home-hospital-bed"

    @property
    def rules(self) -> str:
        """What the ids of its policy rows begin with."""
        return "family_bed" if self is BedKind.FAMILY else "home_bed"

    @property
    def other(self) -> "BedKind":
        """The kind that may be open beside it."""
        return BedKind.HOME_HOSPITAL if self is BedKind.FAMILY else BedKind.FAMILY


class BedState(StrEnum):
    """Where a bed stands; finer than EpisodeOfCare.status."""

    APPLIED = "applied"
    SCREENED = "screened"
    HOME_VISITED = "home_visited"
    OPENED = "opened"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RESUME_REVIEW = "resume_review"
    CLOSING = "closing"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What somebody does with a bed; also the last part of the scope that allows it."""

    SCREEN = "screen"
    VISIT = "visit"
    OPEN = "open"
    RECORD = "record"
    SUSPEND = "suspend"
    REVIEW = "review"
    RESUME = "resume"
    CLOSE = "close"
    FINISH = "finish"
    REJECT = "reject"
    CANCEL = "cancel"


STATUS: dict[BedState, str] = {
    BedState.APPLIED: "planned",
    BedState.SCREENED: "planned",
    BedState.HOME_VISITED: "waitlist",
    BedState.OPENED: "active",
    BedState.ACTIVE: "active",
    BedState.SUSPENDED: "onhold",
    BedState.RESUME_REVIEW: "onhold",
    BedState.CLOSING: "finished",
    BedState.CLOSED: "finished",
    BedState.REJECTED: "cancelled",
    BedState.CANCELLED: "cancelled",
}
"""EpisodeOfCare.status of each state. A closing bed serves nobody: only its summary is awaited."""

_WAITING = (BedState.APPLIED, BedState.SCREENED, BedState.HOME_VISITED)
_HELD = (BedState.OPENED, BedState.ACTIVE, BedState.SUSPENDED, BedState.RESUME_REVIEW)

STEPS: dict[Step, tuple[tuple[BedState, ...], BedState]] = {
    Step.SCREEN: ((BedState.APPLIED,), BedState.SCREENED),
    Step.VISIT: ((BedState.SCREENED,), BedState.HOME_VISITED),
    Step.OPEN: ((BedState.HOME_VISITED,), BedState.OPENED),
    Step.RECORD: ((BedState.OPENED,), BedState.ACTIVE),
    Step.SUSPEND: (
        (BedState.OPENED, BedState.ACTIVE, BedState.RESUME_REVIEW),
        BedState.SUSPENDED,
    ),
    Step.REVIEW: ((BedState.SUSPENDED,), BedState.RESUME_REVIEW),
    Step.RESUME: ((BedState.SUSPENDED, BedState.RESUME_REVIEW), BedState.ACTIVE),
    Step.CLOSE: (_HELD, BedState.CLOSING),
    Step.FINISH: ((BedState.CLOSING,), BedState.CLOSED),
    Step.REJECT: (_WAITING, BedState.REJECTED),
    Step.CANCEL: (_WAITING, BedState.CANCELLED),
}
"""States from which a step may be taken, and the state it leads to."""

OPEN_STATES = frozenset(_HELD)
"""States in which a bed is taken: it counts against capacity and against the person's limit."""

SERVING = frozenset({BedState.OPENED, BedState.ACTIVE})
"""States in which people call because of the bed."""

HOSPITAL = "hospital_stay"
"""The reason of a suspension that ends with a review after discharge."""

TO_HOSPITAL = "needs_hospital"
"""The reason of closing that asks for an up-referral and suspends the linked family bed."""

DIED = {BedKind.FAMILY: "death", BedKind.HOME_HOSPITAL: "died"}
"""The reason of closing when the person has died, as the two programmes call it."""

_DERIVED = {
    "planned": BedState.APPLIED,
    "waitlist": BedState.HOME_VISITED,
    "active": BedState.ACTIVE,
    "onhold": BedState.SUSPENDED,
    "finished": BedState.CLOSED,
    "cancelled": BedState.CANCELLED,
}


def state_of_status(status: str) -> BedState | None:
    """The state of a bed that another system recorded, from its status alone."""
    return _DERIVED.get(status)


@dataclass(frozen=True, slots=True)
class Bed:
    """One bed of one person.

    manager
        The doctor or care manager responsible for it; empty when nobody is named.
    opened
        Its first day.
    cycle
        First and last day of the present cycle; None for a family bed and before opening.
    reason
        Of the suspension or the closing it is in; empty otherwise.
    stable
        The last round said so: rounds may be further apart.
    taken
        States with the instant each began, in order.
    """

    id: BedId
    kind: BedKind
    state: BedState
    elder: ElderId
    organization: OrganizationId
    version: int
    manager: StaffId | None = None
    opened: date | None = None
    cycle: tuple[date, date] | None = None
    reason: str = ""
    stable: bool = False
    taken: tuple[tuple[BedState, datetime], ...] = ()
    linked: tuple[BedId, ...] = ()

    def since(self, *states: BedState) -> datetime | None:
        """When it came last into one of these states."""
        return next((at for state, at in reversed(self.taken) if state in states), None)

    def since_day(self, *states: BedState) -> date | None:
        """The day of `since` in Asia/Shanghai."""
        at = self.since(*states)
        return at.astimezone(ZONE).date() if at else None

    def served_days(self, first: date, end: date, today: date) -> int:
        """Days from `first` up to before `end` on which it served, the day of a pause excluded."""
        spans: list[tuple[BedState, datetime | None]] = [*self.taken]
        if not spans and self.state in SERVING:
            spans = [(self.state, None)]
        count = 0
        for place, (state, at) in enumerate(spans):
            if state not in SERVING:
                continue
            begun = at.astimezone(ZONE).date() if at else self.opened or today
            over = spans[place + 1][1] if place + 1 < len(spans) else None
            until = over.astimezone(ZONE).date() if over else today
            count += max(0, (min(until, end) - max(begun, first)).days)
        return count

    def steps(self) -> tuple[Step, ...]:
        """Steps that its state allows."""
        return tuple(step for step, (before, _) in STEPS.items() if self.state in before)


def after(bed: Bed, step: Step, rules: Rules) -> BedState:
    """The state that a step leads to.

    Raises
    ------
    Conflict
        `bed.step`: the state does not allow it; the facts list what it allows.
        `bed.state_rule`: the pack of the place does not know the new state.
    """
    before, to = STEPS[step]
    if bed.state not in before:
        raise Conflict(
            "bed.step",
            bed=bed.id,
            state=bed.state.value,
            step=step.value,
            allowed=", ".join(s.value for s in bed.steps()) or "-",
        )
    row = f"{bed.kind.rules}.states"
    known = {*rules.texts(row), rules.text("bed_link.after_discharge")}
    if to.value not in known:
        raise Conflict("bed.state_rule", bed=bed.id, to=to.value, rule=row)
    return to


def require_suspend_reason(reason: str, rules: Rules) -> None:
    """Refuse a reason to suspend that the pack does not list."""
    _require_listed(reason, "bed_link.suspend_reasons", rules)


def require_close_reason(kind: BedKind, reason: str, rules: Rules) -> None:
    """Refuse a reason to close that the pack does not list for this kind of bed."""
    row = "family_bed.close_on" if kind is BedKind.FAMILY else "home_bed.close_reasons"
    _require_listed(reason, row, rules)


def _require_listed(reason: str, row: str, rules: Rules) -> None:
    allowed = rules.texts(row)
    if reason not in allowed:
        raise Invalid(
            "bed.reason", field="reason", reason=reason, allowed=", ".join(allowed), rule=row
        )
