"""Is a run still ours, is it still wanted, and how far is it? A thread beside the search asks."""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Any, Literal, Self

from carecoord.model import time
from carecoord.store import runs
from carecoord.store.engine import Database
from carecoord.store.runs import Run

LEASE = timedelta(seconds=60)
"""How long a worker that says nothing is still believed to be alive."""

PAUSE = 0.5
"""Seconds between two looks; a cancelled search ends that much later at most."""

_RENEWALS = 12
"""How often in a lease it is renewed, with the progress, even if nothing got better."""

Wish = Literal["go", "finish", "abandon"]
"""Search on; end with the best so far; end at once, nothing is kept."""

_log = logging.getLogger(__name__)


class Keeper:
    """Keeps the lease of a run while it is worked on, and tells how far it is.

    lost
        Another worker has the run.
    cancelled
        Somebody wants it to end.
    idle
        The search found nothing better for as long as was asked for.
    """

    def __init__(
        self,
        database: Database,
        run: Run,
        *,
        lease: timedelta = LEASE,
        pause: float = PAUSE,
        also: Callable[[dict[str, int]], None] | None = None,
    ) -> None:
        self._database, self._run, self._lease, self._pause = database, run, lease, pause
        self._also = also
        self._renew = lease.total_seconds() / _RENEWALS
        self._patience: float | None = run.options.get("idle")
        self._ended = Event()
        self._thread = Thread(target=self._loop, name="carecoord-run", daemon=True)
        self._guard = Lock()
        self._heard: dict[str, Any] | None = None
        self._least: int | None = None
        self._better_at = monotonic()
        self._fresh = False
        self._written_at = monotonic()
        self.lost = self.cancelled = self.idle = False

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look no more; what was heard last is written."""
        self._ended.set()
        self._thread.join()
        if not self.lost:
            self._beat(force=False)

    def stage(self, state: str) -> bool:
        """Say what is done now; False when another worker has the run."""
        now = time.now()
        with self._database.write() as tx:
            held = runs.advance(tx, self._run, state, at=now, until=now + self._lease)
        self.lost = self.lost or not held
        return held

    def heard(self, report: dict[str, int]) -> None:
        """What the search told; called from the thread that listens to it."""
        if self._also is not None:
            self._also(report)
        if "cost" not in report:
            return
        with self._guard:
            told = dict(self._heard or {})
            told["seconds"] = round(report.get("seconds_milli", 0) / 1000, 1)
            if self._least is None or report["cost"] < self._least or "unserved" in report:
                if self._least is None or report["cost"] < self._least:
                    self._better_at = monotonic()
                self._least = report["cost"]
                told["total"] = report["cost"]
                if "unserved" in report:
                    told["unserved"] = report["unserved"]
                    told["cost"] = {
                        name.removeprefix("cost."): value
                        for name, value in report.items()
                        if name.startswith("cost.")
                    }
                self._fresh = True
            self._heard = told

    def wish(self) -> Wish:
        """What the search should do now."""
        if self.lost:
            return "abandon"
        with self._guard:
            found, quiet = self._heard is not None, monotonic() - self._better_at
        if self.cancelled:
            return "finish" if found else "abandon"
        if found and self._patience is not None and quiet > self._patience:
            self.idle = True
            return "finish"
        return "go"

    def _loop(self) -> None:
        while not self._ended.wait(self._pause):
            try:
                self._beat(force=monotonic() > self._written_at + self._renew)
                if self.lost:
                    return
            except Exception:
                # A database that does not answer now may answer soon; else the lease runs out.
                _log.exception("run %s could not be kept", self._run.id)

    def _beat(self, *, force: bool) -> None:
        with self._guard:
            told = dict(self._heard) if self._heard and (self._fresh or force) else None
            self._fresh = False
        if told is None and not force:
            with self._database.read() as tx:
                found: Run | None = runs.read(tx, self._run.id)
        else:
            now = time.now()
            with self._database.write() as tx:
                until = now + self._lease
                found = runs.beat(tx, self._run, at=now, until=until, progress=told)
            self._written_at = monotonic()
        self.lost = found is None or found.lease != self._run.lease or not found.open
        self.cancelled = found is not None and found.cancel
