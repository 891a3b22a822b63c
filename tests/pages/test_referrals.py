"""The hospital page: form, one referral with its course and offers, slips; in both languages."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create
from carecoord.flows import intake, referral
from carecoord.model import time
from carecoord.model.ids import ReferralId
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS
from tests.flows.test_referral_doors import SENDING


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street(), build.organization("hospital", "hospital"))
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        yield found


@pytest.fixture
def task(client: TestClient, database: Database) -> str:
    with database.write() as tx:
        made = intake.send(tx, BOSS, SENDING)
        id_ = ReferralId(made.id)
        asked = referral.act(
            tx,
            BOSS,
            id_,
            "awaiting-information",
            referral.Brought(text="<b>用药？</b>"),
            expected=made.version,
        )
        brought = referral.Brought(text="已补充")
        referral.act(tx, BOSS, id_, "received", brought, expected=asked.version)
    return made.id


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["已收到", "询问", "答复期限", "待补充信息"]),
        ("en", ["received", "question", "answer"]),
    ],
)
def test_one_referral_shows_state_course_questions_and_limits(
    client: TestClient, task: str, lang: str, words: list[str]
) -> None:
    text = client.get(f"/referrals/{task}?lang={lang}").text

    for one in words:
        assert one in text
    assert "王秀英" in text and "脑梗死恢复期" in text
    assert "&lt;b&gt;用药？&lt;/b&gt;" in text


def test_computed_offers_are_shown_with_their_start(client: TestClient, task: str) -> None:
    made = client.post(f"/v1/referrals/{task}/offers", json={})
    assert made.status_code == 200, made.text
    text = client.get(f"/referrals/{task}").text

    for one in made.json():
        assert one["start"] in text
        assert f"/v1/offers/{one['id']}:accept" in text


def test_the_list_the_form_and_the_slips_are_complete_in_both_languages(
    client: TestClient, task: str
) -> None:
    for lang in ("zh", "en"):
        for path in ("/referrals", "/referrals/new", f"/referrals/{task}/slip"):
            answer = client.get(f"{path}?lang={lang}")
            assert answer.status_code == 200
            assert "page." not in answer.text.replace("page.css", "")
    slip = client.get(f"/referrals/{task}/slip?lang=zh").text
    for field in ("档案编号", "初步印象", "下一步治疗方案及康复建议"):
        assert field in slip


def test_slips_are_stored_as_compositions_too(client: TestClient, task: str) -> None:
    for kind, title in (("out", "双向转诊(转出)单"), ("return", "双向转诊(回转)单")):
        made = client.post(f"/v1/referrals/{task}/slips?kind={kind}")
        assert made.status_code == 201, made.text
        found = client.get(f"/fhir/{made.json()['reference']}").json()
        assert (found["resourceType"], found["title"]) == ("Composition", title)


def test_receivers_are_ranked_by_capability_computed_room_and_distance(
    client: TestClient, task: str
) -> None:
    found = client.get("/v1/directory/receivers?elder=e1&wanted=home-hospital-bed").json()

    by_id = {one["organization"]: one for one in found}
    assert list(by_id) == ["centre", "station", "hospital"]
    assert by_id["hospital"]["free"] is None
    assert by_id["centre"]["free"] > 0 and by_id["centre"]["waiting"] == 1
    assert by_id["centre"]["earliest"] == (time.today() + timedelta(days=1)).isoformat()
    assert by_id["centre"]["metres"] is not None
    # One nurse, all week: nobody has room once she is gone.
    role = client.get("/fhir/PractitionerRole/n1").json() | {"active": False}
    client.put("/fhir/PractitionerRole/n1", json=role)
    gone = client.get("/v1/directory/receivers?elder=e1&wanted=home-hospital-bed").json()
    assert gone[0]["organization"] == "hospital"
    assert {one["free"] for one in gone[1:]} == {0}
    assert {one["earliest"] for one in gone[1:]} == {None}
