"""Which limits does a referral run under, and when are they due?"""

from datetime import datetime, timedelta

from carecoord.model.holidays import next_working_day
from carecoord.model.policy import Rules
from carecoord.model.referrals import Direction, Position, State, Urgency
from carecoord.model.time import ZONE

KINDS = ("accept", "first-contact", "first-visit", "feedback", "follow-up")


def begun_by(position: Position, direction: Direction) -> tuple[str, ...]:
    """Clocks that start when a referral comes to stand at `position`."""
    if position.state is State.REQUESTED:
        return ("accept",)
    if position.state is State.ACCEPTED:
        return ("first-contact", "first-visit") if direction is Direction.DOWN else ()
    if position.state is State.IN_PROGRESS:
        return ("feedback",)
    if position.state is State.COMPLETED and direction is Direction.UP:
        return ("follow-up",)
    return ()


def ended_by(position: Position) -> tuple[tuple[str, ...], bool]:
    """Clocks that end at `position`, and whether they end without having been met."""
    match position.state:
        case State.ACCEPTED | State.REJECTED:
            return ("accept",), False
        case State.IN_PROGRESS:
            return ("accept",), False
        case State.COMPLETED:
            return ("first-contact", "first-visit", "feedback"), False
        case State.CANCELLED | State.FAILED | State.EXPIRED:
            return KINDS, True
        case _:
            return (), False


def due(
    kind: str, direction: Direction, urgency: Urgency, since: datetime, rules: Rules
) -> datetime:
    """The end of a limit that begins at `since`; numbers of the pack."""
    if kind == "accept":
        if direction is Direction.DOWN and urgency is Urgency.PLANNED:
            return _working_days(since, rules.number("referral.down_accept_working_days"))
        return since + timedelta(minutes=rules.entry("referral.accept_minutes", urgency.value))
    if kind == "first-contact":
        return since + timedelta(hours=rules.number("referral.first_contact_hours"))
    if kind == "first-visit":
        return since + timedelta(hours=rules.number("referral.first_visit_hours"))
    if kind == "feedback":
        return since + timedelta(days=rules.number("referral.feedback_days"))
    return since + timedelta(days=rules.number("referral.up_follow_up_days"))


def reminder(since: datetime, until: datetime, rules: Rules) -> datetime:
    """When the one who is answerable is reminded, before the limit ends."""
    return since + (until - since) * rules.number("referral.remind_percent") / 100


def again(until: datetime, now: datetime, urgency: Urgency, rules: Rules) -> datetime:
    """When a limit that has ended is told to the next person."""
    step = timedelta(minutes=rules.entry("referral.escalate_minutes", urgency.value))
    return until + step * ((now - until) // step + 1)


def expiry(since: datetime, until: datetime, urgency: Urgency, rules: Rules) -> datetime:
    """When an unanswered referral has expired, never before its limit."""
    lapse = timedelta(minutes=rules.entry("referral.expire_minutes", urgency.value))
    return max(until, since + lapse)


def _working_days(since: datetime, count: int) -> datetime:
    """The same time of day, so many working days later."""
    local = since.astimezone(ZONE)
    day = local.date()
    for _ in range(count):
        day = next_working_day(day)
    return since + timedelta(days=(day - local.date()).days)
