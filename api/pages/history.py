"""How does the board show the history of its day, and the run that is planning it just now?"""

from dataclasses import dataclass
from typing import Any

from api.change_bodies import cause_text
from api.pages.words import Words
from carecoord.flows.versions import Versions
from carecoord.model.time import ZONE
from carecoord.store.runs import Run

STATES = {
    "queued": "page.run.queued",
    "validating": "page.run.validating",
    "solving": "page.run.solving",
    "checking": "page.run.checking",
    "committed": "page.run.committed",
    "proposal": "page.run.proposal",
    "failed": "page.run.failed",
    "cancelled": "page.run.cancelled",
}
"""State of a run to the words for it."""


@dataclass(frozen=True, slots=True)
class Past:
    """What a day's history is shown from: its versions, and a run that is open or undecided."""

    versions: Versions | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One version in words."""

    version: int
    cause: str
    by: str
    at: str
    reason: str
    served: int
    unserved: int
    current: bool
    told: bool


@dataclass(frozen=True, slots=True)
class RunNow:
    """A run in words; `figures` and `states` are what the script fills in live.

    undecided
        It has ended, and its plan waits for somebody's decision.
    """

    id: str
    state: str
    now: str
    figures: str
    states: dict[str, str]
    undecided: bool


def history(past: Past, words: Words) -> dict[str, Any]:
    """Names that the template takes."""
    found = past.versions
    return {
        "entries": _entries(found, words) if found else (),
        "undo": found.history.back if found else 0,
        "redo": found.history.forward if found else 0,
        "run": None if past.run is None else _run(past.run, words),
    }


def _entries(found: Versions, words: Words) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            version=one.version,
            cause=cause_text(one, words.language),
            by=one.why.by,
            at=_when(one.why.at, words),
            reason=one.why.reason,
            served=one.served,
            unserved=one.unserved,
            current=one.version == found.current,
            told=one.version == found.told,
        )
        for one in reversed(found.rows)
    )


def _when(moment: Any, words: Words) -> str:
    local = moment.astimezone(ZONE)
    return f"{words.short_day(local.date())} {local:%H:%M}"


def _run(run: Run, words: Words) -> RunNow:
    told = run.progress
    holes = {name: f"{{{name}}}" for name in ("seconds", "unserved", "total")}
    return RunNow(
        id=run.id,
        state=run.state,
        now=_figures(words, told) if "total" in told else "",
        figures=words.t("page.run.figures", **holes),
        states={state: words.t(code) for state, code in STATES.items()},
        undecided=not run.open,
    )


def _figures(words: Words, told: dict[str, Any]) -> str:
    return words.t(
        "page.run.figures",
        seconds=str(told.get("seconds", 0)),
        unserved=told.get("unserved", 0),
        total=told["total"],
    )
