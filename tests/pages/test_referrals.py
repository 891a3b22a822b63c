"""The hospital page: form, one referral with its course and offers, slips; in both languages."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.flows import intake, referral
from carecoord.model import time
from carecoord.model.ids import ReferralId
from carecoord.settings import Settings
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS
from tests.flows import steps
from tests.flows.test_referral_doors import SENDING
from tests.serving import create


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
        assert f'value="{one["id"]}"' in text


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


FORM = {
    "sender": "hospital",
    "receiver": "centre",
    "direction": "down",
    "urgency": "planned",
    "wanted": "home-hospital-bed",
    "person.name": "李建国",
    "person.resident_number": "990101194005010029",
    "person.gender": "male",
    "person.longitude": str(build.place(2, 1).lon),
    "person.latitude": str(build.place(2, 1).lat),
    "diagnosis": "脑梗死恢复期",
    "diagnosis_code": "I63.9",
    "summary": "病情稳定",
    "orders[0].item": "37",
    "orders[0].frequency": "7",
    "orders[0].period": "7",
    "orders[1].item": "",
    "considered": ["centre", "station"],
    "chosen_by": "女儿",
    "number": "P-1",
}


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data=fields, follow_redirects=False)


def test_the_form_shows_the_earliest_start_before_it_sends_and_needs_no_script(
    client: TestClient, database: Database
) -> None:
    with database.read() as tx:
        before = steps.everything(tx)
    shown = post(client, "/referrals/new?lang=en", **FORM | {"do": "preview"})
    with database.read() as tx:
        assert steps.everything(tx) == before
    assert shown.status_code == 200
    assert "All visits fit from" in shown.text and "李建国" in shown.text

    sent = post(client, "/referrals/new?lang=en", **FORM | {"do": "send"})
    assert sent.status_code == 303
    text = client.get(sent.headers["location"]).text
    assert "received" in text and "李建国" in text
    (order,) = [
        one
        for one in client.get("/fhir/ServiceRequest").json()["entry"]
        if "basedOn" in one["resource"]
    ]
    assert order["resource"]["occurrenceTiming"]["repeat"]["frequency"] == 7


def test_the_choice_of_the_family_is_on_record_with_the_request(client: TestClient) -> None:
    sent = post(client, "/referrals/new", **FORM | {"do": "send"})
    task = client.get(f"/fhir/Task/{sent.headers['location'].split('/')[-1]}").json()
    request = client.get(f"/fhir/{task['focus']['reference']}").json()
    (choice,) = [e for e in request["extension"] if e["url"].endswith("receiver-choice")]

    said = [
        (e["url"], e.get("valueString") or e["valueReference"]["reference"])
        for e in choice["extension"]
    ]
    assert said == [
        ("considered", "Organization/centre"),
        ("considered", "Organization/station"),
        ("chosen", "Organization/centre"),
        ("by", "女儿"),
    ]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"receiver": "nobody"}, "receiver"),
        ({"person.name": ""}, "person.name"),
        ({"person.birth": "soon"}, "person.birth"),
        ({"orders[0].item": "no such"}, "orders[0].item"),
        ({"orders[0].frequency": "-2"}, "orders[0].frequency"),
    ],
)
def test_a_fault_stands_at_its_field_and_nothing_is_lost_or_sent(
    client: TestClient, wrong: dict[str, str], name: str
) -> None:
    for deed in ("preview", "send"):
        answer = post(client, "/referrals/new?lang=en", **FORM | wrong | {"do": deed})

        assert answer.status_code in (400, 422)
        assert f'id="fault-{name}"' in answer.text
        assert "病情稳定" in answer.text
    assert client.get("/fhir/Task").json()["total"] == 0


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    answer = client.post(
        "/referrals/new", data=FORM | {"do": "send"}, headers={"Origin": "https://evil.example"}
    )

    assert answer.status_code == 403
    assert client.get("/fhir/Task").json()["total"] == 0


def test_both_sides_ask_answer_send_elsewhere_and_bring_results_by_plain_forms(
    client: TestClient, task: str
) -> None:
    page = f"/referrals/{task}"

    def now() -> tuple[str, str]:
        body = client.get(f"/fhir/Task/{task}").json()
        return body["meta"]["versionId"], body["businessStatus"]["coding"][0]["code"]

    def does(**fields: Any) -> None:
        answer = post(client, page, version=now()[0], **fields)
        assert answer.status_code == 303, answer.text

    does(do="ask", text="谁来接？")
    assert now()[1] == "awaiting-information"
    does(do="answer", text="女儿")
    assert now()[1] == "received"
    does(do="reroute", receiver="station", reason="no-capacity")
    assert client.get(f"/fhir/Task/{task}").json()["owner"]["reference"] == "Organization/station"
    does(do="move", to="accepted")
    does(do="move", to="in-progress")
    version, _ = now()
    done = client.post(
        page,
        data={"do": "move", "to": "completed", "text": "恢复良好", "version": version},
        files=[("outputs", ("小结.txt", "小结全文".encode(), "text/plain"))],
        follow_redirects=False,
    )
    assert done.status_code == 303, done.text
    text = client.get(page).text
    for one in ("谁来接？", "恢复良好", "station name"):
        assert one in text
    (link,) = re.findall(rf"/referrals/{task}/files/[0-9a-f-]+", text)[-1:]
    kept = client.get(link)
    assert kept.text == "小结全文" and "attachment" in kept.headers["content-disposition"]
    assert client.get(f"/referrals/{task}/files/none").status_code == 404


def test_a_refused_deed_is_told_on_the_page_and_changes_nothing(
    client: TestClient, task: str
) -> None:
    before = client.get(f"/fhir/Task/{task}").json()
    stale = post(client, f"/referrals/{task}?lang=en", do="move", to="accepted", version="1")
    odd = post(client, f"/referrals/{task}?lang=en", do="dance", version="3")

    assert stale.status_code == 412 and 'role="alert"' in stale.text
    assert odd.status_code == 400
    assert client.get(f"/fhir/Task/{task}").json() == before
