"""FHIR transaction, FHIR message, plain JSON: three doors, the same rows."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from carecoord.errors import Invalid
from carecoord.fhir import wire
from carecoord.flows import intake, messages, record
from carecoord.model.referrals import Direction, Urgency
from carecoord.store import documents
from carecoord.store.engine import Database, Tx
from carecoord.store.tables import metadata
from tests import build
from tests.build import BOSS, CENTRE
from tests.flows import steps

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
SENDING = intake.Sending(
    sender="hospital",
    receiver=CENTRE,
    person=intake.Person(
        resident_number="990101194005010029", name="王秀英", gender="female", birth=date(1940, 5, 1)
    ),
    direction=Direction.DOWN,
    urgency=Urgency.URGENT,
    number="H-1",
    diagnosis_code="I63.9",
    diagnosis="脑梗死恢复期",
    summary="病情稳定",
    discharge=date(2026, 3, 6),
    orders=[intake.Ordered("37", 3)],
    attachments=[intake.Attached("出院小结", "text/plain", "5Ye66Zmi")],
    consent=True,
    considered=[CENTRE, "station"],
    chosen_by="女儿",
)


@pytest.fixture
def town(database: Database) -> Database:
    build.store(database, *build.organizations(), build.organization("hospital", "hospital"))
    return database


def message(sending: intake.Sending, event: str = "new-order", id: str = "m1") -> dict[str, Any]:  # noqa: A002
    """The same referral as a hospital with FHIR messaging would send it."""
    sent = intake.bundle(sending, AT)
    parts = [{k: e[k] for k in ("fullUrl", "resource")} for e in deepcopy(sent["entry"])]
    header = {
        "resourceType": "MessageHeader",
        "id": id,
        "eventCoding": {"system": "http://hl7.org/fhir/uv/cow/CodeSystem/temp", "code": event},
        "source": {"endpoint": "https://hospital.example.org/fhir"},
        "focus": [{"reference": parts[-1]["fullUrl"]}],
    }
    return {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [
            {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": header},
            *parts,
        ],
    }


def by_json(tx: Tx) -> None:
    intake.send(tx, BOSS, SENDING)


def by_transaction(tx: Tx) -> None:
    record.submit_bundle(tx, BOSS, build.read(intake.bundle(SENDING, AT)))


def by_message(tx: Tx) -> None:
    answer = messages.process(tx, BOSS, build.read(message(SENDING)), "en")
    assert answer["entry"][0]["resource"]["response"]["code"] == "ok", answer


def rows(tx: Tx, door: Callable[[Tx], None]) -> dict[str, list[str]]:
    """Everything a door adds, with ids and instants that differ from run to run made alike."""
    before = steps.everything(tx)
    door(tx)
    after = steps.everything(tx)
    found = {}
    for name in metadata.tables:
        if name == "message" or name.startswith("search"):
            continue
        added = [str(row) for row in after[name] if row not in before[name]]
        found[name] = sorted(_alike(row) for row in added)
    return found


def _alike(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)
    text = re.sub(r"\d{9}-\d{8}-[0-9a-f]{8}", "<filler>", text)
    text = re.sub(r"datetime\.datetime\([^)]*\)", "<at>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)", "<at>", text)
    text = re.sub(r"<id>\W+(tzinfo=\S+)", "<id>", text)
    return re.sub(r"(?<=[(, ])\d+(?=[,)])", "<n>", text)


def test_all_three_doors_leave_the_same_rows(town: Database) -> None:
    found = []
    for door in (by_json, by_transaction, by_message):
        with town.write() as tx, tx.begin_nested() as point:
            found.append(rows(tx, door))
            point.rollback()

    first, *others = found
    assert sum(map(len, first.values())) > 15
    for other in others:
        for name in first:
            assert other[name] == first[name], name


@pytest.mark.parametrize("door", [by_json, by_transaction, by_message])
def test_what_is_sent_twice_under_one_number_is_there_once(
    town: Database, door: Callable[[Tx], None]
) -> None:
    with town.write() as tx:
        door(tx)
        before = {k: v for k, v in steps.everything(tx).items() if k not in ("audit",)}
        door(tx)
        after = {k: v for k, v in steps.everything(tx).items() if k not in ("audit",)}

    assert before == after


def test_a_replayed_message_changes_nothing_and_gets_the_first_answer(town: Database) -> None:
    sent = message(SENDING)
    with town.write() as tx:
        first = messages.process(tx, BOSS, build.read(sent), "en")
        before = steps.everything(tx)
        second = messages.process(tx, BOSS, build.read(sent), "en")

        assert wire.dumps(second) == wire.dumps(first)
        assert steps.everything(tx) == before


def test_a_refused_message_is_answered_fatal_with_its_reason_and_leaves_nothing(
    town: Database,
) -> None:
    sent = message(SENDING)
    sent["entry"][-1]["resource"]["status"] = "nonsense"
    with town.write() as tx:
        answer = messages.process(tx, BOSS, build.read(sent), "en")
        again = messages.process(tx, BOSS, build.read(sent), "en")
        tasks = documents.find(tx, "Task")

    header, said = (e["resource"] for e in answer["entry"])
    assert header["response"]["code"] == "fatal-error"
    assert header["response"]["details"]["reference"] == f"OperationOutcome/{said['id']}"
    assert said["issue"][0]["severity"] == "error"
    assert tasks == []
    assert again == answer


def test_a_message_id_used_for_something_else_is_fatal(town: Database) -> None:
    other = message(SENDING)
    other["entry"][-1]["resource"]["priority"] = "stat"
    with town.write() as tx:
        messages.process(tx, BOSS, build.read(message(SENDING)), "en")
        answer = messages.process(tx, BOSS, build.read(other), "en")

    assert answer["entry"][0]["resource"]["response"]["code"] == "fatal-error"


def test_an_order_update_moves_the_task_through_the_state_machine(town: Database) -> None:
    with town.write() as tx:
        by_message(tx)
        (task,) = documents.find(tx, "Task")
        update = message(SENDING, "order-update", "m2")
        update["entry"] = [update["entry"][0], update["entry"][-1]]
        body = update["entry"][1]["resource"]
        body |= {"status": "cancelled", "statusReason": {"text": "died"}}
        no_version = messages.process(tx, BOSS, build.read(update), "en")
        body["meta"] = {"versionId": str(task.version)}
        update["entry"][0]["resource"]["id"] = "m3"
        moved = messages.process(tx, BOSS, build.read(update), "en")
        update["entry"][0]["resource"]["id"] = "m4"
        body |= {"status": "accepted", "meta": {"versionId": str(task.version + 1)}}
        illegal = messages.process(tx, BOSS, build.read(update), "en")
        after = documents.read(tx, "Task", task.id)

    codes = [
        one["entry"][0]["resource"]["response"]["code"] for one in (no_version, moved, illegal)
    ]
    assert codes == ["fatal-error", "ok", "fatal-error"]
    assert after.resource["status"] == "cancelled"
    assert any(i["system"].endswith("referral-filler") for i in after.resource["identifier"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "transaction"}, "message.bundle"),
        ({"entry": [{"resource": {"resourceType": "Patient"}}]}, "message.header"),
    ],
)
def test_what_is_no_message_is_refused(town: Database, change: dict[str, Any], code: str) -> None:
    with town.write() as tx, pytest.raises(Invalid) as caught:
        messages.process(tx, BOSS, build.read(message(SENDING) | change), "en")

    assert caught.value.code == code


def test_a_down_referral_without_its_required_content_is_asked_back(town: Database) -> None:
    from dataclasses import replace

    bare = replace(SENDING, diagnosis="", diagnosis_code="", summary="", attachments=())
    with town.write() as tx:
        task = intake.send(tx, BOSS, bare)

    assert task.resource["status"] == "on-hold"
    assert task.resource["note"][-1]["text"] == "diagnosis, summary"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"receiver": "nowhere"}, "referral.organization", "receiver"),
        ({"person": intake.Person(name="x")}, "referral.person", "person.resident_number"),
        ({"orders": [intake.Ordered("999")]}, "referral.item", "orders[0].item"),
        (
            {"attachments": [intake.Attached("x", "text/html", "eA==")]},
            "referral.attachment_type",
            "attachments[0].media_type",
        ),
        (
            {"attachments": [intake.Attached("x", "text/plain", "!")]},
            "referral.attachment_data",
            "attachments[0].data",
        ),
    ],
)
def test_a_form_with_a_fault_names_the_field(
    town: Database, change: dict[str, Any], code: str, field: str
) -> None:
    from dataclasses import replace

    with town.write() as tx, pytest.raises(Invalid) as caught:
        intake.send(tx, BOSS, replace(SENDING, **change))

    assert (caught.value.code, caught.value.field) == (code, field)
