"""How did the plan of a day come to be as it is, and what would undo and redo bring back?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from carecoord.model import time
from carecoord.model.visits import DayKey

Cause = Literal[
    "run",
    "accept",
    "repair",
    "hand",
    "undo",
    "redo",
    "restore",
    "publish",
    "pause",
    "offer",
]
"""What made a version.

`run` a planning run, `accept` a person took a proposal over, `repair` an answer to an event,
`hand` a move by a person, `undo`, `redo` and `restore` a step in the history, `publish` people
were told (the plan is that of the version before), `pause` visits of one person stopped or came
back, `offer` a referral took its places.
"""


@dataclass(frozen=True, slots=True)
class Why:
    """Who changes a day, why, and from what.

    by
        Id of the caller.
    reason
        In the words of the person; empty when nobody was asked.
    based_on
        Version whose plan was taken up or changed; None = the one before.
    source
        Id of the run or the like that computed the plan; empty when there is none.
    """

    cause: Cause
    by: str
    reason: str = ""
    based_on: int | None = None
    source: str = ""
    at: datetime = field(default_factory=time.now)

    @property
    def keeps_state(self) -> bool:
        """Whether a day that people were told stays told: a person decided, not a new search."""
        return self.cause != "run"


@dataclass(frozen=True, slots=True)
class DayVersion:
    """One version of a day, without its plan.

    state
        `draft` or `published`, as it was then.
    served, unserved
        Visits made and not made.
    """

    key: DayKey
    version: int
    state: str
    why: Why
    served: int
    unserved: int


@dataclass(frozen=True, slots=True)
class History:
    """Where undo and redo lead; 0 = nowhere.

    current
        The version that first held the plan in force.
    """

    current: int = 0
    back: int = 0
    forward: int = 0


def history(versions: Iterable[DayVersion]) -> History:
    """Where undo and redo lead after these versions of a day, oldest first.

    Undo goes back over changes of the plan, also those made before people were told. Redo is
    possible after nothing but undo and redo.
    """
    current = 0
    undone: list[int] = []
    done: list[int] = []
    for one in versions:
        if one.why.cause == "undo" and done:
            undone.append(current)
            current = done.pop()
        elif one.why.cause == "redo" and undone:
            done.append(current)
            current = undone.pop()
        elif one.why.cause == "publish" and current:
            undone.clear()
        else:
            if current:
                done.append(current)
            current = one.version
            undone.clear()
    return History(current, done[-1] if done else 0, undone[-1] if undone else 0)
