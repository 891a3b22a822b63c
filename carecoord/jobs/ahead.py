"""The days ahead, worked off: spread visits over days, then one run after the other, in date order.

A planning is advanced by short steps under a lease, so that several processes may look after the
same ones, and one that dies is taken over. Its runs are worked off by whoever works off runs.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any

from carecoord.access import everything
from carecoord.errors import CareError, Invalid, Stale, Unavailable
from carecoord.flows import horizon as flow
from carecoord.model import time
from carecoord.model.horizon import Horizon
from carecoord.model.ids import RunId
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import horizons, runs
from carecoord.store.engine import Database
from solver import ProblemError
from solver.period import Week, WeekPlan, check_week

_PAUSE = 1.0
"""Seconds between two looks."""

_LEASE = timedelta(minutes=5)
"""One step takes seconds; the spread has its own limit on top."""

_log = logging.getLogger(__name__)

Spreader = Callable[[Week, dict[str, Any]], WeekPlan]


def here(week: Week, options: dict[str, Any]) -> WeekPlan:
    """Spread in this process."""
    # The search over weeks is loaded by whoever spreads, not with the web server.
    from solver.week import spread

    return spread(
        week,
        seconds=options["spread_seconds"],
        steps=options["spread_steps"],
        seed=options["seed"],
    )


def apart(week: Week, options: dict[str, Any]) -> WeekPlan:
    """Spread in a child process: the search would keep this one from answering."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(here, week, options).result(options["spread_seconds"] + 120)


def advance(
    database: Database, data: Path, id_: str, *, spreader: Spreader = here
) -> Horizon | None:
    """Take a planning as far as it goes without waiting; how it stands now.

    None: another worker has it, or it is over.
    """
    with database.write() as tx:
        now = time.now()
        spare = timedelta(seconds=horizons.read(tx, id_).options["spread_seconds"])
        planning = horizons.claim(tx, id_, now=now, until=now + spare + _LEASE)
    if planning is None:
        return None
    failure: CareError
    try:
        return _Step(database, data, planning, spreader).done()
    except CareError as error:
        failure = error
    except ProblemError as error:
        failure = Invalid(f"solver.{error.code}", field=error.field, **error.facts)
    except Exception:
        # A planning that nobody ends would be tried again for ever.
        _log.exception("planning %s ended unexpectedly", id_)
        failure = Unavailable("horizon.crashed", horizon=id_)
    outcome = {"code": failure.code, "facts": failure.facts}
    with database.write() as tx:
        horizons.save(tx, planning, "failed", planning.outcome | outcome, finished=time.now())
        return horizons.read(tx, id_)


class _Step:
    """One claimed planning, from where it stands to where it has to wait."""

    def __init__(
        self, database: Database, data: Path, planning: Horizon, spreader: Spreader
    ) -> None:
        self._database, self._data = database, data
        self._planning, self._spread = planning, spreader
        self._caller = everything(planning.requested_by)
        self._outcome = dict(planning.outcome)
        self._rules = load().on(planning.first, planning.street)

    def done(self) -> Horizon:
        """The planning as it stands when it has to wait, or is over."""
        if self._planning.state == "queued":
            self._spread_over_days()
            self._save("planning", keep=True)
        entries: dict[str, Any] = self._outcome.setdefault("days", {})
        for day in self._planning.span:
            name = day.isoformat()
            if name not in entries:
                entries[name] = self._planned(day)
            if self._runs(entries[name].get("run")):
                # The hours of later days depend on what comes of this one.
                return self._save("planning")
        with self._database.write() as tx:
            told = flow.publish_ahead(tx, self._caller, self._planning, self._rules)
        self._outcome["told"] = [day.isoformat() for day in told]
        return self._save("done")

    def _planned(self, day: date) -> dict[str, Any]:
        rules = load().on(day, self._planning.street)
        with self._database.read() as tx:
            why, now = flow.why_not(tx, self._planning, day, self._data, rules)
        if why:
            return {"why": why}
        with self._database.write() as tx:
            run = flow.request(tx, self._caller, self._planning, day, self._data, now)
        return {"run": run}

    def _runs(self, run: str | None) -> bool:
        if run is None:
            return False
        with self._database.read() as tx:
            return runs.read(tx, RunId(run)).open

    def _spread_over_days(self) -> None:
        with self._database.write() as tx:
            counts = flow.expand(tx, self._caller, self._planning, self._rules)
        with self._database.read() as tx:
            asking = flow.asked(tx, self._planning, self._rules, self._data)
        if asking.week.cares:
            plan = self._spread(asking.week, self._planning.options)
            wrong, _ = check_week(asking.week, plan)
            if wrong:
                # Days as they fall by themselves are better than days that break a limit.
                _log.error("spread of %s refused: %s", self._planning.id, wrong[0])
                counts["refused"] = len(wrong)
            else:
                with self._database.write() as tx:
                    counts = flow.settle(
                        tx, self._caller, self._planning, asking, plan, self._rules
                    )
        self._outcome["spread"] = counts

    def _save(self, state: str, *, keep: bool = False) -> Horizon:
        finished = time.now() if state == "done" else None
        until = time.now() + _LEASE if keep else None
        with self._database.write() as tx:
            kept = horizons.save(
                tx, self._planning, state, self._outcome, finished=finished, until=until
            )
            if not kept:
                raise Stale("horizon.lost", horizon=self._planning.id)
            return horizons.read(tx, self._planning.id)


def work_off(
    database: Database,
    data: Path,
    id_: str,
    each: Callable[[RunId], object],
    *,
    spreader: Spreader = here,
) -> Horizon:
    """A planning from beginning to end, its runs worked off by `each`, for a caller who waits.

    Raises
    ------
    Unavailable
        `horizon.elsewhere`: another worker has it.
    """
    while True:
        now = advance(database, data, id_, spreader=spreader)
        if now is None:
            raise Unavailable("horizon.elsewhere", horizon=id_)
        if not now.open:
            return now
        with database.read() as tx:
            waiting = [
                RunId(entry["run"])
                for entry in now.outcome["days"].values()
                if "run" in entry and runs.read(tx, RunId(entry["run"])).open
            ]
        for run in waiting:
            each(run)


class Ahead:
    """A thread that advances plannings of the days ahead."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._ended = Event()
        self._thread = Thread(target=self._loop, name="carecoord-ahead", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the step at hand, then end; one that takes longer is left to its lease."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _loop(self) -> None:
        while not self._ended.wait(_PAUSE):
            try:
                with self._database.read() as tx:
                    waiting = horizons.waiting(tx, time.now())
                for id_ in waiting:
                    if not self._ended.is_set() and not self._still_waits(id_):
                        advance(self._database, self._settings.data, id_, spreader=apart)
            except Exception:
                # A database that does not answer now may answer soon.
                _log.exception("plannings of the days ahead could not be looked at")

    def _still_waits(self, id_: str) -> bool:
        """Whether nothing can be done before a run has ended."""
        with self._database.read() as tx:
            entries = horizons.read(tx, id_).outcome.get("days", {}).values()
            named = [RunId(entry["run"]) for entry in entries if "run" in entry]
            return any(runs.read(tx, run).open for run in named)
