"""A referral between two organisations: states, who may move them, and what a move requires.

Up-referral, down-referral and non-medical hand-over are this one machine with a direction. The
table below is the whole rule; FHIR, messages, forms and clocks all ask it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from carecoord.errors import Conflict, Forbidden, Invalid


class Direction(StrEnum):
    """Which way a person is passed on."""

    DOWN = "down"
    UP = "up"
    HANDOVER = "handover"


class Urgency(StrEnum):
    """How soon an answer is needed; keys of the pack's limits."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    PLANNED = "planned"


class Role(StrEnum):
    """Who moves a referral: who asked, who is asked, or the engine's clock."""

    PLACER = "placer"
    FILLER = "filler"
    CLOCK = "clock"


class State(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    RECEIVED = "received"
    AWAITING = "awaiting-information"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def task_status(self) -> str:
        """Task.status of this state; what FHIR has no status for is on hold there."""
        return "on-hold" if self in (State.AWAITING, State.EXPIRED) else self.value


class Need(StrEnum):
    """What a move must bring."""

    REASON = "reason"
    QUESTION = "question"
    ANSWER = "answer"
    OUTPUT = "output"
    RECEIVER = "receiver"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Position:
    """A state, and for a paused referral the one it goes back to.

    before
        Only for `awaiting-information` and `on-hold`.
    """

    state: State
    before: State | None = None

    def __post_init__(self) -> None:
        if (self.before is not None) != (self.state in PAUSES) or (
            self.before is not None and self.before not in PAUSES[self.state]
        ):
            raise Invalid(
                "referral.position", state=self.state.value, before=str(self.before or "-")
            )

    def __str__(self) -> str:
        return self.state.value if self.before is None else f"{self.state.value}@{self.before}"


@dataclass(frozen=True, slots=True)
class Step:
    """One permitted move: where it leads, who may make it, what it must bring."""

    to: Position
    roles: frozenset[Role]
    needs: frozenset[Need]


PAUSES: dict[State, tuple[State, ...]] = {
    State.AWAITING: (State.RECEIVED, State.ACCEPTED, State.IN_PROGRESS),
    State.ON_HOLD: (State.ACCEPTED, State.IN_PROGRESS),
}
"""Paused state → states that it may interrupt."""

ENDED = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})
"""States that nothing follows."""

UNANSWERED = frozenset({State.REQUESTED, State.RECEIVED})
"""States in which the owner still owes a yes or no."""

_S, _N = State, Need
_PLACER, _FILLER = frozenset({Role.PLACER}), frozenset({Role.FILLER})
_BOTH, _CLOCK = _PLACER | _FILLER, frozenset({Role.CLOCK})
_Row = tuple[State, frozenset[Role], tuple[Need, ...]]

_ACCEPT: _Row = (_S.ACCEPTED, _FILLER, ())
_REJECT: _Row = (_S.REJECTED, _FILLER, (_N.REASON,))
_FAIL: _Row = (_S.FAILED, _FILLER, (_N.REASON,))
_WITHDRAW: _Row = (_S.CANCELLED, _PLACER, (_N.REASON,))
_ABORTED: _Row = (_S.CANCELLED, _FILLER, (_N.REASON, _N.ABORT))
_ELSEWHERE: _Row = (_S.REQUESTED, _BOTH, (_N.REASON, _N.RECEIVER))
_LAPSE: _Row = (_S.EXPIRED, _CLOCK, ())
_ASK: _Row = (_S.AWAITING, _BOTH, (_N.QUESTION,))
_HOLD: _Row = (_S.ON_HOLD, _FILLER, (_N.REASON,))

_OPEN: dict[State, tuple[_Row, ...]] = {
    _S.DRAFT: ((_S.REQUESTED, _PLACER, (_N.RECEIVER,)), (_S.CANCELLED, _PLACER, ())),
    _S.REQUESTED: (
        (_S.RECEIVED, _FILLER, ()), _ACCEPT, _REJECT, _ELSEWHERE, _WITHDRAW, _LAPSE,
    ),
    _S.RECEIVED: (_ACCEPT, _REJECT, _ASK, _ELSEWHERE, _WITHDRAW, _LAPSE),
    _S.ACCEPTED: ((_S.IN_PROGRESS, _FILLER, ()), _HOLD, _ASK, _FAIL, _WITHDRAW),
    _S.IN_PROGRESS: ((_S.COMPLETED, _FILLER, (_N.OUTPUT,)), _HOLD, _ASK, _FAIL, _ABORTED),
    _S.REJECTED: ((_S.REQUESTED, _PLACER, (_N.REASON, _N.RECEIVER)),),
    _S.EXPIRED: (_ACCEPT, _REJECT, _ELSEWHERE, _WITHDRAW),
}  # fmt: skip
"""Unpaused state → its rows. What happens to a paused one follows from the state before it."""


def steps(position: Position) -> dict[State, Step]:
    """Every move out of a position, by the state it leads to."""
    found = {
        to: Step(_position(to, position.state), roles, frozenset(needs))
        for to, roles, needs in _rows(position)
    }
    if position.before is not None:
        roles = _BOTH if position.state is State.AWAITING else _FILLER
        needs = {Need.ANSWER} if position.state is State.AWAITING else set[Need]()
        found[position.before] = Step(Position(position.before), roles, frozenset(needs))
    return found


def _rows(position: Position) -> Iterable[_Row]:
    if position.before is None:
        return _OPEN.get(position.state, ())
    # A pause must not hide a way out: the owner may still decide, the placer may still withdraw.
    ways = {State.ACCEPTED, State.REJECTED, State.FAILED, State.CANCELLED, State.EXPIRED}
    if position.before is State.RECEIVED:
        ways.add(State.REQUESTED)
    if position.state is State.AWAITING and position.before is State.ACCEPTED:
        ways.add(State.IN_PROGRESS)
    return [row for row in _OPEN[position.before] if row[0] in ways]


def _position(to: State, leaving: State) -> Position:
    return Position(to, leaving if to in PAUSES else None)


def positions() -> tuple[Position, ...]:
    """Every position a referral can be in."""
    paused = [Position(s, before) for s, befores in PAUSES.items() for before in befores]
    return (*(Position(s) for s in State if s not in PAUSES), *paused)


def allowed(position: Position, roles: Collection[Role] = tuple(Role)) -> tuple[State, ...]:
    """States that somebody in one of `roles` may move to, in the order of `State`."""
    found = steps(position)
    return tuple(s for s in State if s in found and found[s].roles & set(roles))


def move(
    referral: str,
    position: Position,
    to: str,
    roles: Collection[Role],
    given: Collection[Need] = (),
) -> Position:
    """Where a referral stands after a move.

    given
        What the caller brings along.

    Raises
    ------
    Conflict
        `referral.move`: `to` does not follow; the facts list what may.
    Forbidden
        `referral.role`: it does follow, but somebody else has to do it.
    Invalid
        `referral.needs`: something is missing; `field` says what.
    """
    step = steps(position).get(State(to)) if to in set(State) else None
    if step is None:
        raise Conflict(
            "referral.move",
            field="status",
            referral=referral,
            state=str(position),
            to=to,
            allowed=", ".join(allowed(position)) or "-",
        )
    if not step.roles & set(roles):
        raise Forbidden(
            "referral.role",
            referral=referral,
            state=str(position),
            to=to,
            role=", ".join(sorted(step.roles)),
            allowed=", ".join(allowed(position, roles)) or "-",
        )
    for need in Need:
        if need in step.needs and need not in given:
            raise Invalid(
                "referral.needs",
                field=need.value,
                referral=referral,
                state=str(position),
                to=to,
                needs=need.value,
            )
    return step.to


REASONS = (
    "no-capability",
    "no-capacity",
    "out-of-area",
    "no-consent",
    "incomplete",
    "readmitted",
    "died",
    "family-choice",
    "not-needed",
    "expired",
    "other",
)
"""Codes of why a referral was rejected, held, failed, withdrawn or sent elsewhere."""
