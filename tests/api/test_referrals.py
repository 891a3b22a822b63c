"""Referrals over HTTP: versions and illegal moves by every way of writing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import intake
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS
from tests.flows.test_referral_doors import SENDING
from tests.serving import create

PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street(), build.organization("hospital", "hospital"))
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        yield found


@pytest.fixture
def task(client: TestClient, database: Database) -> tuple[str, int]:
    with database.write() as tx:
        made = intake.send(tx, BOSS, SENDING)
    return made.id, made.version


def test_without_a_version_a_move_is_428_on_every_route_and_illegal_ones_list_the_next_states(
    client: TestClient, task: tuple[str, int]
) -> None:
    id_, version = task
    seen = {"If-Match": f'W/"{version}"'}
    body = client.get(f"/fhir/Task/{id_}").json()
    bare = {k: v for k, v in body.items() if k != "meta"} | {"status": "completed"}
    patch = json.dumps({"status": "completed"})
    answers = [
        client.post(f"/v1/referrals/{id_}:move", json={"to": "completed"}),
        client.post(f"/v1/referrals/{id_}:accept"),
        client.put(f"/fhir/Task/{id_}", json=bare),
        client.patch(f"/fhir/Task/{id_}", content=patch, headers=PATCH),
    ]
    assert [one.status_code for one in answers] == [428] * 4

    move = client.post(f"/v1/referrals/{id_}:move", json={"to": "completed"}, headers=seen)
    put = client.put(f"/fhir/Task/{id_}", json=bare, headers=seen)
    patched = client.patch(f"/fhir/Task/{id_}", content=patch, headers=PATCH | seen)
    assert [one.status_code for one in (move, put, patched)] == [422] * 3
    assert "accepted" in move.json()["facts"]["allowed"]
    assert "已接收" in put.json()["issue"][0]["details"]["text"]

    old = client.post(
        f"/v1/referrals/{id_}:move", json={"to": "accepted"}, headers={"If-Match": 'W/"1"'}
    )
    assert old.status_code == 412
    done = client.patch(
        f"/fhir/Task/{id_}", content=json.dumps({"status": "accepted"}), headers=PATCH | seen
    )
    assert done.status_code == 200, done.text
    assert done.json()["businessStatus"]["coding"][0]["code"] == "accepted"
