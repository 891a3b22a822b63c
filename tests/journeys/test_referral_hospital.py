"""A hospital in a second process: sends, is asked, answers, is told, gets its feedback."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import httpx
import pytest
import uvicorn

from carecoord.fhir import referrals as papers
from carecoord.flows import intake, referral, subscriptions
from carecoord.jobs.deliver import Deliverer, sign
from carecoord.model import time
from carecoord.model.ids import ReferralId
from carecoord.settings import Settings
from carecoord.store import documents, receivers
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS, CENTRE
from tests.flows.test_referral_doors import SENDING
from tests.serving import create

ROOT = Path(__file__).parents[2]


@contextmanager
def hospital(carecoord: str, log: Path) -> Iterator[str]:
    """The hospital's process; its address."""
    log.touch()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.clients.hospital", carecoord, str(log)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def heard(log: Path, what: str = "") -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [one for one in lines if not what or one["what"] == what]


def until(log: Path, what: str, count: int = 1, **facts: Any) -> list[dict[str, Any]]:
    """Wait for so many entries of a kind."""
    for _ in range(600):
        found = [one for one in heard(log, what) if all(one.get(k) == v for k, v in facts.items())]
        if len(found) >= count:
            return found
        sleep(0.1)
    raise AssertionError((what, facts, heard(log)))


@pytest.fixture
def street(database: Database) -> Database:
    build.store(database, *build.organizations(), build.organization("hospital", "hospital"))
    return database


@pytest.fixture
def server(street: Database, tmp_path: Path) -> Iterator[str]:
    """carecoord itself on a free port, with its deliveries."""
    app = create(street, Settings(data=tmp_path))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    running = uvicorn.Server(config)
    thread = Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(20)


def move(street: Database, to: str, text: str = "", output: str = "") -> None:
    with street.write() as tx:
        (task,) = [t for t in documents.find(tx, "Task") if papers.is_referral(t.resource)]
        outputs = [papers.output("feedback", text=output)] if output else []
        brought = referral.Brought(text=text, outputs=outputs)
        referral.act(tx, BOSS, ReferralId(task.id), to, brought, expected=task.version)


def test_a_hospital_sends_is_asked_answers_and_gets_its_feedback(
    street: Database, server: str, tmp_path: Path
) -> None:
    log = tmp_path / "hospital.log"
    with hospital(server, log):
        sent = until(log, "sent", 2)
        assert [one["code"] for one in sent] == ["ok", "ok"], sent
        until(log, "handshake")
        move(street, "awaiting-information", "抗凝药剂量？")
        assert until(log, "answered")[0]["status"] == 200
        until(log, "state", state="received")
        move(street, "accepted")
        until(log, "state", state="accepted")
        move(street, "in-progress")
        move(street, "completed", output="恢复良好，已转入日常照护")
        assert until(log, "feedback")[0]["text"] == "恢复良好，已转入日常照护"
        numbers = [one["number"] for one in heard(log, "event")]
        # An hour of silence later the hospital hears a heartbeat; ticking again at once is silent.
        later = time.now() + timedelta(hours=1)
        with street.write() as tx:
            assert [subscriptions.beat(tx, later) for _ in range(2)] == [1, 0]
        Deliverer(street).once(later)
        until(log, "heartbeat")
        subscribed = until(log, "subscribed")[0]["id"]
        missed = httpx.get(
            f"{server}/fhir/Subscription/{subscribed}/$events?eventsSinceNumber=2"
            "&eventsUntilNumber=3&content=full-resource"
        ).json()

    head, *focus = [entry["resource"] for entry in missed["entry"]]
    said = [p for p in head["parameter"] if p["name"] == "notification-event"]
    parts = [{q["name"]: q for q in one["part"]} for one in said]
    assert [one["event-number"]["valueString"] for one in parts] == ["2", "3"]
    assert {p["name"]: p for p in head["parameter"]}["type"]["valueCode"] == "query-event"
    assert [one["resourceType"] for one in focus] == ["Task", "Task"]
    assert numbers == list(range(1, len(numbers) + 1))
    with street.read() as tx:
        (subscription,) = documents.find(tx, "Subscription")
        (task,) = [t for t in documents.find(tx, "Task") if papers.is_referral(t.resource)]
        status = subscriptions.status(tx, BOSS, subscription.id)
    assert subscription.resource["status"] == "active"
    assert [n["kind"] for n in papers.notes(task.resource)] == ["question", "remark"]
    said = {p["name"]: p for p in status["entry"][0]["resource"]["parameter"]}
    assert said["events-since-subscription-start"]["valueString"] == str(len(numbers))


DYING = """
import os, signal, sys
from tests.build import BOSS
from tests.flows.test_referral_doors import SENDING
from carecoord.flows import intake
from carecoord.store.engine import Database
database = Database.open(sys.argv[1])
with database.write() as tx:
    intake.send(tx, BOSS, SENDING)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_committed_before_a_kill_is_delivered_once_for_each_key(
    street: Database, database_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "hospital.log"
    with hospital("-", log) as address:
        with street.write() as tx:
            hook = subscriptions.add_webhook(tx, BOSS, f"{address}/hook", [], {})
        died = subprocess.run([sys.executable, "-c", DYING, database_url], cwd=ROOT, check=False)
        assert died.returncode == -signal.SIGKILL
        assert heard(log) == []

        first, second = Deliverer(street), Deliverer(street)
        threads = [Thread(target=d.once, args=(time.now(),)) for d in (first, second)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        first.once(time.now())
        hooks = heard(log, "hook")

    topics = [json.loads(one["body"])["topic"] for one in hooks]
    assert topics == ["referral.requested", "referral.received"]
    assert len({one["key"] for one in hooks}) == len(hooks)
    for one in hooks:
        expected = sign(hook.secret, one["stamp"], one["key"], one["body"].encode())
        assert one["signature"] == f"v1={expected}"


def test_a_dead_receiver_is_tried_again_later_and_holds_up_nobody(
    street: Database, tmp_path: Path
) -> None:
    log = tmp_path / "hospital.log"
    with hospital("-", log) as address:
        with street.write() as tx:
            dead = subscriptions.add_webhook(tx, BOSS, "http://127.0.0.1:9/hook", [], {})
            alive = subscriptions.add_webhook(tx, BOSS, f"{address}/hook", [], {})
            intake.send(tx, BOSS, SENDING)
        deliverer = Deliverer(street, timeout=2)
        deliverer.once(time.now())
        assert len(heard(log, "hook")) == 2
        later = time.now() + timedelta(days=1)
        for _ in range(subscriptions.ATTEMPTS * 2 + 2):
            deliverer.once(later)
        with street.write() as tx:
            tried = receivers.deliveries(tx, dead.id)
            log_of = subscriptions.log(tx, BOSS, dead.id)
            again = subscriptions.replay(tx, BOSS, alive.id, 2)
        deliverer.once(later)
        hooks = heard(log, "hook")

    assert {one.state for one in tried} == {"dead"}
    assert [one.number for one in tried] == [2, 1]
    assert {len(tries) for _, tries in log_of} == {subscriptions.ATTEMPTS}
    assert again == 1
    assert hooks[-1]["key"] == hooks[1]["key"] != hooks[0]["key"]
    assert CENTRE in hooks[0]["body"]


def test_a_changed_secret_signs_beside_the_old_one(street: Database, tmp_path: Path) -> None:
    log = tmp_path / "hospital.log"
    with hospital("-", log) as address:
        with street.write() as tx:
            hook = subscriptions.add_webhook(tx, BOSS, f"{address}/hook", [], {})
            new = subscriptions.rotate(tx, BOSS, hook.id)
            intake.send(tx, BOSS, SENDING)
        Deliverer(street).once(time.now())
        one = heard(log, "hook")[0]

    signed = {
        f"v1={sign(s, one['stamp'], one['key'], one['body'].encode())}"
        for s in (hook.secret, new.secret)
    }
    assert set(one["signature"].split(",")) == signed
