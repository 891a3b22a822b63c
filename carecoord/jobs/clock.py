"""What happens by itself, and when: the evening's detectors, and the plan for tomorrow.

A trigger only asks for work under a natural key, so that two clocks are harmless, and one that
was missed is made up for at the next start.
"""

import logging
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from carecoord.access import everything
from carecoord.errors import CareError
from carecoord.flows import day, detect, register
from carecoord.model import time
from carecoord.model.ids import StreetId
from carecoord.model.time import ZONE
from carecoord.packs.load import load
from carecoord.store import days
from carecoord.store.engine import Database

NIGHTLY_HOUR = 19
"""Hour of the day, Asia/Shanghai, at which tomorrow is planned."""

_log = logging.getLogger(__name__)


class Clock:
    """Asks for tomorrow's plan of every street each evening."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._scheduler = BackgroundScheduler(timezone=ZONE)
        self._scheduler.add_job(
            self.nightly,
            CronTrigger(hour=NIGHTLY_HOUR, timezone=ZONE),
            id="nightly",
            coalesce=True,
            misfire_grace_time=3600,
        )

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def nightly(self) -> list[StreetId]:
        """Run the detectors, expand every plan and ask for tomorrow; the streets asked for.

        A day that people have been told is left alone.
        """
        with self._database.read() as tx:
            streets = register.streets(tx)
        for street in streets:
            self._detect(street)
        return [street for street in streets if self._ask(street)]

    def _detect(self, street: StreetId) -> None:
        try:
            rules = load().on(time.today(), street)
            with self._database.write() as tx:
                detect.street(tx, everything("clock"), street, rules)
        except CareError:
            _log.exception("duplicates and omissions of street %s could not be looked for", street)

    def _ask(self, street: StreetId) -> bool:
        tomorrow = time.today() + timedelta(days=1)
        caller = everything("clock")
        try:
            rules = load().on(tomorrow, street)
            with self._database.write() as tx:
                if tomorrow in days.published(tx, street):
                    return False
                ahead = rules.number("plan.horizon_days")
                day.expand_plans(tx, caller, street, tomorrow, ahead, rules)
                day.request(tx, caller, street, tomorrow)
        except CareError:
            # One street with a fault must not leave the others without a plan.
            _log.exception("street %s could not be asked for", street)
            return False
        return True
