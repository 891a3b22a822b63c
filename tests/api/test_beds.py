"""Beds over HTTP: versions, coded refusals, what is due, limits."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.model import time
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import CENTRE, STATION, STREET
from tests.serving import create

Json = dict[str, Any]


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """The tiny street, answering in English."""
    build.store(database, *build.street())
    with TestClient(create(database, Settings(data=tmp_path))) as made:
        made.headers["accept-language"] = "en"
        yield made


def asked(client: TestClient, elder: str = "e1") -> Json:
    body = {"elder": elder, "kind": "home-hospital-bed", "organization": CENTRE}
    answer = client.post("/v1/beds:apply", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == 'W/"1"'
    found: Json = answer.json()
    return found


def step(client: TestClient, bed: Json, what: str, **body: Any) -> Json:
    id_ = bed["reference"].split("/")[1]
    headers = {"If-Match": f'W/"{bed["version"]}"'}
    answer = client.post(f"/v1/beds/{id_}:{what}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_a_home_hospital_bed_from_application_to_its_first_week(client: TestClient) -> None:
    bed = asked(client)
    assert (bed["state"], bed["status"], bed["next_steps"]) == (
        "applied",
        "planned",
        ["screen", "reject", "cancel"],
    )
    for what, state in (
        ("screen", "screened"),
        ("visit", "home_visited"),
        ("open", "opened"),
        ("record", "active"),
    ):
        bed = step(client, bed, what, performer="d1", note="符合")
        assert bed["state"] == state

    today = time.today()
    assert bed["cycle_last"] == (today + timedelta(days=59)).isoformat()
    id_ = bed["reference"].split("/")[1]
    read = client.get(f"/v1/beds/{id_}")
    due = {one["what"]: one for one in read.json()["due"]}
    assert set(due) == {"round", "senior_round", "nurse_visit", "cycle_end"}
    assert due["senior_round"]["rule_id"] == "home_bed.senior_first_days"
    assert due["senior_round"]["confirmed"] is False
    week = client.get(f"/v1/streets/{STREET}/rounds?until={today + timedelta(days=5)}").json()
    assert [(one["what"], one["elder"], one["late"]) for one in week] == [
        ("senior_round", "e1", False)
    ]
    body = {"kind": "round", "performer": "d1", "stable": True}
    unversioned = client.post(f"/v1/beds/{id_}/rounds", json=body)
    assert unversioned.status_code == 428
    done = client.post(
        f"/v1/beds/{id_}/rounds", json=body, headers={"If-Match": f'W/"{bed["version"]}"'}
    )
    assert done.status_code == 201, done.text
    seen = client.get(f"/fhir/{done.json()['reference']}").json()
    assert seen["episodeOfCare"] == [{"reference": bed["reference"]}]
    after = client.get(f"/v1/beds/{id_}").json()
    assert after["stable"] is True
    assert {o["rule_id"] for o in after["due"] if o["what"] == "round"} == {
        "home_bed.round_days_stable"
    }


def test_a_step_without_version_is_asked_for_one_and_with_an_old_one_refused(
    client: TestClient,
) -> None:
    bed = asked(client)
    path = f"/v1/{bed['reference'].replace('EpisodeOfCare', 'beds')}:screen"
    bare = client.post(path, json={"performer": "d1"})
    step(client, bed, "screen", performer="d1")
    old = client.post(path, json={"performer": "d1"}, headers={"If-Match": 'W/"1"'})

    assert (bare.status_code, bare.json()["code"]) == (428, "document.precondition")
    assert (old.status_code, old.json()["code"]) == (412, "document.moved")


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("open", {"performer": "d1"}, 409, "bed.step"),
        ("screen", {}, 400, "bed.performer"),
        ("screen", {"performer": "c1"}, 400, "bed.performer_licence"),
        ("screen", {"performer": "d1", "why": "x"}, 422, "http.field_unknown"),
        ("cancel", {}, 422, "http.field_missing"),
        ("extend", {"performer": "d1"}, 409, "bed.no_cycle"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code_and_a_sentence(
    client: TestClient, what: str, body: Json, status: int, code: str
) -> None:
    bed = asked(client)
    id_ = bed["reference"].split("/")[1]

    answer = client.post(f"/v1/beds/{id_}:{what}", json=body, headers={"If-Match": 'W/"1"'})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "{" not in answer.json()["detail"]


def test_licensed_beds_are_set_by_version_shown_in_fhir_and_kept(client: TestClient) -> None:
    organization = client.get(f"/fhir/Organization/{CENTRE}").json()
    version = organization["meta"]["versionId"]
    put = client.put(
        f"/v1/organizations/{CENTRE}/beds",
        json={"kind": "home-hospital-bed", "beds": 0},
        headers={"If-Match": f'W/"{version}"'},
    )
    assert put.status_code == 200, put.text
    refused = client.post(
        "/v1/beds", json={"elder": "e1", "kind": "home-hospital-bed", "organization": CENTRE}
    )
    seen = client.get(f"/fhir/Organization/{CENTRE}").json()
    counted = client.get(f"/v1/organizations/{CENTRE}/beds").json()

    assert (refused.status_code, refused.json()["code"]) == (409, "bed.capacity")
    assert {"url": "beds", "valueUnsignedInt": 0} in seen["extension"][0]["extension"]
    assert counted[1] == {"kind": "home-hospital-bed", "licensed": 0, "taken": 0, "waiting": 0}


def test_a_bed_of_the_wrong_organisation_or_person_names_what_is_wrong(
    client: TestClient,
) -> None:
    wrong = client.post(
        "/v1/beds:apply", json={"elder": "e1", "kind": "family-bed", "organization": CENTRE}
    )
    nobody = client.post(
        "/v1/beds:apply", json={"elder": "nobody", "kind": "family-bed", "organization": STATION}
    )
    unknown = client.get("/v1/beds/none")

    assert (wrong.status_code, wrong.json()["code"]) == (409, "bed.keeper")
    assert wrong.json()["facts"]["rule"] == "family_bed.keepers"
    assert (nobody.status_code, nobody.json()["code"]) == (404, "document.missing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "bed.none")


def test_every_route_of_beds_and_stays_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    ours = {p: m for p, m in paths.items() if "bed" in p or p.startswith("/v1/elders")}

    assert {
        f"/v1/beds/{{bed_id}}:{s}" for s in ("screen", "visit", "open", "record", "suspend")
    } <= (ours.keys())
    for path, methods in ours.items():
        for method, route in methods.items():
            assert route.get("description"), (method, path)
