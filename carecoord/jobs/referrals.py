"""What happens to referrals by itself: limits fire, offers are made, heartbeats, deliveries.

APScheduler only wakes; rows remember what is due and what has fired. Two processes are harmless:
each firing is one conditional update.
"""

import logging
from datetime import datetime
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from carecoord.access import everything
from carecoord.errors import CareError
from carecoord.flows import alarms, offer, subscriptions
from carecoord.flows.alarms import Fired
from carecoord.jobs.deliver import Deliverer
from carecoord.model import time
from carecoord.model.time import ZONE
from carecoord.store.engine import Database

EVERY = 15
"""Seconds between two looks at the clocks."""

_log = logging.getLogger(__name__)


class Referrals:
    """Clocks, offers, heartbeats and deliveries of referrals in this process."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database, self._data = database, data
        self._deliverer = Deliverer(database)
        self._scheduler = BackgroundScheduler(timezone=ZONE)
        for name, job in (("clocks", self.tick), ("offers", self.offers)):
            self._scheduler.add_job(
                job,
                IntervalTrigger(seconds=EVERY, timezone=ZONE),
                id=f"referral-{name}",
                coalesce=True,
                max_instances=1,
            )

    def start(self) -> None:
        """Begin to tick and to deliver."""
        self._scheduler.start()
        self._deliverer.start()

    def stop(self) -> None:
        """Tick and deliver no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._deliverer.stop()

    def tick(self, now: datetime | None = None) -> list[Fired]:
        """Fire every clock that is due, each in a transaction of its own; what was fired."""
        at = now or time.now()
        with self._database.read() as tx:
            due = alarms.waiting(tx, at)
        fired: list[Fired] = []
        for clock in due:
            try:
                with self._database.write() as tx:
                    done = alarms.fire(tx, clock, at)
            except CareError:
                # One referral with a fault must not silence the limits of all others.
                _log.exception("limit %s could not fire", clock.id)
            else:
                fired += [done] if done is not None else []
        with self._database.write() as tx:
            subscriptions.beat(tx, at)
        return fired

    def offers(self) -> int:
        """Make offers for referrals that have just come in; for how many."""
        with self._database.read() as tx:
            waiting = offer.waiting(tx)
        made = 0
        for id_ in waiting:
            try:
                with self._database.write() as tx:
                    offer.propose(tx, everything("clock"), id_, self._data)
                made += 1
            except CareError as error:
                # What forbids an offer is shown to whoever opens the referral.
                _log.info("no offer for %s: %s", id_, error.code)
        return made
