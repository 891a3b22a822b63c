"""Outbox rows go out: at least once, in order for each receiver, signed, with retries.

Every receiver is served by itself, so that a dead one holds up nobody. The key of a delivery
stays the same over all its tries: a receiver that has seen it may leave it.
"""

import hashlib
import hmac
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event, Thread
from time import perf_counter
from uuid import uuid4

import httpx

from carecoord.flows import subscriptions
from carecoord.model import time
from carecoord.store import receivers
from carecoord.store.engine import Database
from carecoord.store.receivers import Attempt, Delivery, Receiver

TIMEOUT = 10.0
"""Seconds a receiver has to answer."""

AT_ONCE = 20
"""Deliveries to one receiver before others get their turn."""

_PAUSE = 0.5
_LEASE = timedelta(seconds=AT_ONCE * TIMEOUT + 60)

_log = logging.getLogger(__name__)


def sign(secret: str, timestamp: str, key: str, body: bytes) -> str:
    """HMAC-SHA256 over `timestamp.key.body`, hexadecimal."""
    signed = f"{timestamp}.{key}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Deliverer:
    """A thread that brings out what waits; several processes may run one each."""

    def __init__(self, database: Database, *, timeout: float = TIMEOUT, workers: int = 8) -> None:
        self._database, self._timeout = database, timeout
        self._workers = workers
        self._ended = Event()
        self._thread = Thread(target=self._loop, name="carecoord-deliver", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is on the way, then end."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=self._timeout + 1)

    def _loop(self) -> None:
        while not self._ended.wait(_PAUSE):
            try:
                self.once(time.now())
            except Exception:
                # One broken row must not keep all others from being told.
                _log.exception("deliveries could not be looked through")

    def once(self, now: datetime) -> int:
        """Deliver everything that is due; how many deliveries were tried."""
        with self._database.read() as tx:
            waiting = receivers.with_work(tx, now)
        if not waiting:
            return 0
        with ThreadPoolExecutor(min(self._workers, len(waiting))) as pool:
            return sum(pool.map(lambda id_: self._serve(id_, now), waiting))

    def _serve(self, id_: str, now: datetime) -> int:
        token = str(uuid4())
        with self._database.write() as tx:
            if not receivers.lease(tx, id_, token, time.now(), time.now() + _LEASE):
                return 0
        tried = 0
        try:
            with httpx.Client(timeout=self._timeout, follow_redirects=False) as client:
                while tried < AT_ONCE and not self._ended.is_set():
                    if not self._next(client, id_, now):
                        break
                    tried += 1
        finally:
            with self._database.write() as tx:
                receivers.release(tx, id_, token)
        return tried

    def _next(self, client: httpx.Client, id_: str, now: datetime) -> bool:
        with self._database.read() as tx:
            one = receivers.read(tx, id_)
            delivery = receivers.head(tx, id_, now)
            if delivery is None or one.state not in ("requested", "active"):
                return False
            body = subscriptions.payload(tx, one, delivery)
        attempt = self._send(client, one, delivery, body)
        with self._database.write() as tx:
            return subscriptions.settle(tx, receivers.read(tx, id_), delivery, attempt)

    def _send(
        self, client: httpx.Client, one: Receiver, delivery: Delivery, body: bytes
    ) -> Attempt:
        begun, at = perf_counter(), time.now()
        try:
            answer = client.post(one.url, content=body, headers=_headers(one, delivery, body, at))
        except (httpx.HTTPError, ValueError) as error:
            status, said = 0, type(error).__name__
        else:
            status, said = answer.status_code, "" if answer.is_success else answer.text[:200]
        spent = int(1000 * (perf_counter() - begun))
        return Attempt(delivery.id, at, status, spent, said)


def _headers(one: Receiver, delivery: Delivery, body: bytes, at: datetime) -> dict[str, str]:
    key = delivery.event or delivery.id
    if one.kind == "subscription":
        own = dict(line.partition(": ")[::2] for line in one.wishes.get("headers", ()))
        return {"Content-Type": "application/fhir+json", "Idempotency-Key": key} | own
    stamp = str(int(at.timestamp()))
    known = [one.secret]
    if one.old_secret and one.old_until is not None and at < one.old_until:
        known.append(one.old_secret)
    return {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Carecoord-Timestamp": stamp,
        "Carecoord-Signature": ",".join(f"v1={sign(s, stamp, key, body)}" for s in known),
    }
