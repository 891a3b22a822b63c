"""What happens by itself, and when: the evening's detectors, and planning the days ahead.

A trigger only asks for work under a natural key, so that two clocks are harmless, and a night that
was missed is made up for at the next start.
"""

import logging
from datetime import date, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from carecoord.access import everything
from carecoord.errors import CareError
from carecoord.flows import detect, horizon, register
from carecoord.model import time
from carecoord.model.horizon import night
from carecoord.model.ids import StreetId
from carecoord.model.time import ZONE
from carecoord.packs.load import load
from carecoord.store import horizons
from carecoord.store.engine import Database

_log = logging.getLogger(__name__)


class Clock:
    """Asks for the days ahead of every street each evening, at the hour of its pack."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._scheduler = BackgroundScheduler(timezone=ZONE)
        self._scheduler.add_job(
            self.hourly,
            CronTrigger(minute=0, timezone=ZONE),
            id="hourly",
            coalesce=True,
            misfire_grace_time=1800,
        )
        self._scheduler.add_job(self.catch_up, id="catch-up")

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def hourly(self) -> list[StreetId]:
        """What the present hour brings: streets whose evening it is, and those that missed it."""
        hour = time.now().astimezone(ZONE).hour
        due = [street for street in self._streets() if self._hour(street) == hour]
        return [*self.nightly(due), *self.catch_up()]

    def nightly(self, due: list[StreetId] | None = None) -> list[StreetId]:
        """Run the detectors and ask for the days from tomorrow on; the streets asked for."""
        streets = self._streets() if due is None else due
        for street in streets:
            self._detect(street)
        tomorrow = time.today() + timedelta(days=1)
        return [street for street in streets if self._ask(street, tomorrow)]

    def catch_up(self) -> list[StreetId]:
        """Ask for the last evening where it was missed; the streets asked for.

        A street that was never planned by night waits for its first evening.
        """
        now = time.now().astimezone(ZONE)
        found = []
        for street in self._streets():
            evening = self._hour(street)
            if evening is None:
                continue
            over = now.hour >= evening
            first = now.date() + timedelta(days=over)
            with self._database.read() as tx:
                before = horizons.latest_night(tx, street)
            if before is not None and before.first < first and self._ask(street, first):
                found.append(street)
        return found

    def _streets(self) -> list[StreetId]:
        with self._database.read() as tx:
            return register.streets(tx)

    def _hour(self, street: StreetId) -> int | None:
        """Hour of the evening's planning; None where the packs have none for the street."""
        try:
            return load().on(time.today(), street).number("plan.nightly_hour")
        except CareError:
            _log.exception("street %s has no evening hour", street)
            return None

    def _detect(self, street: StreetId) -> None:
        try:
            rules = load().on(time.today(), street)
            with self._database.write() as tx:
                detect.street(tx, everything("clock"), street, rules)
        except CareError:
            _log.exception("duplicates and omissions of street %s could not be looked for", street)

    def _ask(self, street: StreetId, first: date) -> bool:
        """Whether the days from `first` on are asked for now, and were not before."""
        try:
            rules = load().on(first, street)
            with self._database.write() as tx:
                if horizons.known(tx, night(street, first)):
                    return False
                horizon.ask(tx, everything("clock"), street, rules, first=first, by_night=True)
        except CareError:
            # One street with a fault must not leave the others without a plan.
            _log.exception("street %s could not be asked for", street)
            return False
        return True
