"""Runs are worked off inside one process: for an installation without workers of its own."""

import logging
from threading import Event, Thread

from carecoord.errors import CareError
from carecoord.jobs.worker import refuse, work
from carecoord.model import time
from carecoord.model.ids import RunId
from carecoord.model.visits import DayKey
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import runs
from carecoord.store.engine import Database

_PAUSE = 0.3
"""Seconds between two looks at the queue."""

_log = logging.getLogger(__name__)


class Embedded:
    """A thread that claims waiting runs, oldest first; solving itself is in a child process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._ended = Event()
        self._thread = Thread(target=self._loop, name="carecoord-runs", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the run at hand, then end; a run that takes longer is left to its lease."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _loop(self) -> None:
        while not self._ended.wait(_PAUSE):
            try:
                self._work_off()
            except Exception:
                # A database that does not answer now may answer soon.
                _log.exception("planning runs could not be looked at")

    def _work_off(self) -> None:
        with self._database.read() as tx:
            waiting = [(id_, runs.read(tx, id_).key) for id_ in runs.waiting(tx, time.now())]
        for id_, key in waiting:
            if self._ended.is_set():
                return
            try:
                self._plan(id_, key)
            except Exception:
                # One broken run must not keep all others from being planned.
                _log.exception("run %s failed unexpectedly", id_)

    def _plan(self, run: RunId, key: DayKey) -> None:
        try:
            rules = load().on(key.day, key.street)
        except CareError as error:
            refuse(self._database, run, error)
            return
        work(self._database, self._settings.data, rules, run)
