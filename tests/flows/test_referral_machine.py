"""The state machine as both doors that change a Task meet it: the flow and a plain FHIR PUT."""

from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from carecoord.access import Caller
from carecoord.errors import CareError, Conflict, Forbidden, Stale
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.flows import messages, record, referral
from carecoord.flows.referral import Brought
from carecoord.model.ids import ReferralId
from carecoord.model.referrals import ENDED, Position, Role, State, allowed, positions, steps
from carecoord.store import audit, clocks, documents, outbox
from carecoord.store.documents import Document
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, STREET

HOSPITAL, OTHER = "hospital", "other"
ONE_STREET = frozenset({str(STREET)})
CALLERS = {
    Role.PLACER: Caller(
        "doctor", HOSPITAL, frozenset(), frozenset({"referral.send", "fhir.write"})
    ),
    Role.FILLER: Caller("nurse", CENTRE, ONE_STREET, frozenset({"referral.decide", "fhir.write"})),
}
STRANGER = Caller("x", OTHER, frozenset(), frozenset({"referral.send", "fhir.write"}))
EVERYTHING = Brought(
    reason="other",
    text="because",
    outputs=[papers.output("feedback", text="well")],
    receiver=OTHER,
)


@pytest.fixture
def town(database: Database) -> Database:
    build.store(
        database,
        *build.organizations(),
        build.organization(HOSPITAL, "hospital"),
        build.organization(OTHER, "hospital"),
    )
    return database


def task_at(tx: Tx, position: Position, *, abort: bool = True) -> Document:
    """A referral from the hospital to the centre that stands at `position`."""
    sent = build.referral()
    for entry in sent["entry"]:
        if entry["resource"]["resourceType"] in ("Task", "ServiceRequest"):
            entry["resource"]["requester"] = build.ref("Organization", HOSPITAL)
    outcome = record.submit_bundle(tx, BOSS, build.read(sent))
    (made,) = (c.document for c in outcome.changes if c.document.type == "Task")
    task = documents.read(tx, "Task", made.id)
    if abort:
        asked = papers.abort_task(task.resource, reason="x", at=task.updated)
        documents.create(tx, asked | {"status": "completed"})
    return documents.update(tx, "Task", task.id, papers.at(task.resource, position))


def by_flow(tx: Tx, caller: Caller, task: Document, to: State) -> None:
    referral.act(tx, caller, ReferralId(task.id), to, EVERYTHING, expected=task.version)


def by_put(tx: Tx, caller: Caller, task: Document, to: State) -> None:
    """As a partner's program does it: the whole Task, changed, with the version it has read."""
    record.update(tx, caller, "Task", task.id, build.read(moved(task, to)))


def by_message(tx: Tx, caller: Caller, task: Document, to: State) -> None:
    """The same as a message; one that is refused is answered, and nothing else happens."""
    header = {
        "resourceType": "MessageHeader",
        "id": f"{task.id}-{task.version}-{to}",
        "eventCoding": {
            "system": "http://hl7.org/fhir/uv/cow/CodeSystem/temp",
            "code": "order-update",
        },
        "source": {"endpoint": "https://hospital.example.org/fhir"},
        "focus": [{"reference": f"Task/{task.id}"}],
    }
    entries = [
        {"fullUrl": f"https://hospital.example.org/fhir/{one['resourceType']}/x", "resource": one}
        for one in (header, moved(task, to))
    ]
    sent = {"resourceType": "Bundle", "type": "message", "entry": entries}
    answer = messages.process(tx, caller, build.read(sent), "en")
    assert messages.process(tx, caller, build.read(sent), "en") == answer


def moved(task: Document, to: State) -> dict[str, Any]:
    body: dict[str, Any] = deepcopy(task.resource)
    body["status"] = to.task_status
    body["businessStatus"] = build.concept("referral-state", to.value)
    # A reason that stands there already explains no new move.
    body["statusReason"] = {"text": f"because of {task.version}"}
    body["note"] = [*body.get("note", ()), {"text": "because"}]
    body["output"] = [papers.output("feedback", text="well")]
    if to is State.REQUESTED:
        body["owner"] = build.ref("Organization", OTHER)
    return body


@pytest.mark.parametrize("door", [by_flow, by_put])
def test_exactly_the_permitted_triples_pass_by_the_flow_and_by_a_fhir_put(
    town: Database, door: Any
) -> None:
    for position in positions():
        with town.write() as tx:
            task = task_at(tx, position)
            for to, role in product(State, CALLERS):
                step = steps(position).get(to)
                expected = step is not None and role in step.roles
                if door is by_put and to is position.state and to is not State.REQUESTED:
                    continue
                try:
                    with tx.begin_nested() as point:
                        door(tx, CALLERS[role], task, to)
                        found = papers.position(documents.read(tx, "Task", task.id).resource)
                        passed = True
                        point.rollback()
                except (Conflict, Forbidden) as error:
                    assert error.code in ("referral.move", "referral.role"), (position, to, role)
                    passed = False
                assert passed == expected, (str(position), to, role)
                if passed and step is not None:
                    assert found == step.to
            tx.rollback()


def test_only_the_clock_lets_a_referral_expire(town: Database) -> None:
    for position in positions():
        with town.write() as tx:
            task = task_at(tx, position)
            if State.EXPIRED in allowed(position):
                assert referral.expire(tx, ReferralId(task.id)).resource["status"] == "on-hold"
            else:
                with pytest.raises(Conflict):
                    referral.expire(tx, ReferralId(task.id))
            tx.rollback()


@pytest.mark.parametrize("door", [by_flow, by_put])
def test_a_stranger_moves_nothing(town: Database, door: Any) -> None:
    for position in positions():
        with town.write() as tx:
            task = task_at(tx, position)
            for to in State:
                with pytest.raises((Conflict, Forbidden)), tx.begin_nested():
                    door(tx, STRANGER, task, to)
            tx.rollback()


def test_a_change_without_a_version_is_refused_and_one_on_an_old_version_is_stale(
    town: Database,
) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        with pytest.raises(Conflict) as nothing:
            referral.act(tx, BOSS, ReferralId(task.id), "accepted", Brought(), expected=None)
        body = {k: v for k, v in task.resource.items() if k != "meta"} | {"status": "accepted"}
        with pytest.raises(Conflict) as no_meta:
            record.update(tx, BOSS, "Task", task.id, body)
        with pytest.raises(Stale):
            record.update(tx, BOSS, "Task", task.id, body | {"meta": {"versionId": "1"}})
        done = record.update(tx, BOSS, "Task", task.id, body, expected=task.version)

    assert (nothing.value.code, no_meta.value.code) == ("referral.version", "referral.version")
    assert done.document.resource["status"] == "accepted"


def test_a_bundle_that_changes_a_referral_must_name_the_version_of_that_entry(
    town: Database,
) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        body = {k: v for k, v in task.resource.items() if k != "meta"} | {"status": "accepted"}
        sent = build.bundle(body, type="transaction")
        with pytest.raises(Conflict) as caught, tx.begin_nested():
            record.submit_bundle(tx, BOSS, build.read(sent))
        sent["entry"][0]["request"]["ifMatch"] = f'W/"{task.version}"'
        record.submit_bundle(tx, BOSS, build.read(sent))
        after = documents.read(tx, "Task", task.id)

    assert (caught.value.code, caught.value.field) == (
        "referral.version",
        "Bundle.entry[0].request.ifMatch",
    )
    assert read.codes(after.resource["businessStatus"], read.system("referral-state")) == [
        "accepted"
    ]


def test_an_illegal_entry_of_a_batch_fails_alone(town: Database) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        wrong = task.resource | {"status": "completed"}
        sent = build.bundle(wrong, build.organization("new", "hospital"), type="transaction")
        answer = record.submit_bundle(tx, BOSS, build.read(sent | {"type": "batch"})).response
        after = documents.read(tx, "Task", task.id)
        new = documents.peek(tx, "Organization", "new")

    first, second = (e["response"] for e in answer["entry"])
    assert first["status"].startswith("409")
    assert second["status"].startswith("201")
    assert after.version == task.version
    assert new is not None


def test_the_owner_does_not_change_the_request_and_its_placer_does(town: Database) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        request = referral.request_of(tx, task)
        changed = request.resource | {"priority": "urgent"}
        with pytest.raises(Forbidden) as caught, tx.begin_nested():
            record.update(tx, CALLERS[Role.FILLER], "ServiceRequest", request.id, changed)
        done = record.update(tx, CALLERS[Role.PLACER], "ServiceRequest", request.id, changed)

    assert caught.value.code == "referral.placer_only"
    assert done.document.version == request.version + 1


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("for", {"reference": "Patient/somebody"}),
        ("requester", {"reference": "Organization/other"}),
        ("owner", {"reference": "Organization/other"}),
        ("intent", "proposal"),
    ],
)
def test_what_a_referral_is_about_never_changes(
    town: Database, element: str, value: object
) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.ACCEPTED), abort=False)
        with pytest.raises(Conflict) as caught, tx.begin_nested():
            record.update(tx, BOSS, "Task", task.id, task.resource | {element: value})

    assert (caught.value.code, caught.value.field) == ("referral.frozen", f"Task.{element}")


def test_a_sent_referral_is_not_deleted_and_none_begins_in_the_middle(town: Database) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        with pytest.raises(Conflict) as gone, tx.begin_nested():
            record.delete(tx, BOSS, "Task", task.id)
        middle = {k: v for k, v in task.resource.items() if k not in ("id", "meta")}
        with pytest.raises(Conflict) as begun, tx.begin_nested():
            record.create(tx, BOSS, middle | {"status": "in-progress"})

    assert (gone.value.code, begun.value.code) == ("referral.delete", "referral.first")


def test_work_that_has_begun_ends_through_an_abort_task_that_the_owner_answers(
    town: Database,
) -> None:
    placer, filler = CALLERS[Role.PLACER], CALLERS[Role.FILLER]
    with town.write() as tx:
        task = task_at(tx, Position(State.IN_PROGRESS), abort=False)
        id_ = ReferralId(task.id)
        with pytest.raises(Forbidden):
            referral.act(tx, placer, id_, "cancelled", Brought("other"), expected=task.version)
        first = referral.ask_abort(tx, placer, id_, "readmitted", expected=task.version)
        kept = referral.answer_abort(
            tx, filler, first.id, agree=False, reason="nearly done", expected=first.version
        )
        second = referral.ask_abort(tx, placer, id_, "readmitted", expected=task.version)
        with pytest.raises(Forbidden):
            referral.answer_abort(
                tx, placer, second.id, agree=True, reason="", expected=second.version
            )
        ended = referral.answer_abort(
            tx, filler, second.id, agree=True, reason="", expected=second.version
        )

    assert kept.resource["status"] == "in-progress"
    assert ended.resource["status"] == "cancelled"


def test_each_transition_has_its_provenance_audit_and_event_and_no_other_version_has(
    town: Database,
) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        id_, version = ReferralId(task.id), task.version
        for to in ("awaiting-information", "received", "accepted", "in-progress", "completed"):
            done = referral.act(tx, BOSS, id_, to, EVERYTHING, expected=version)
            version = done.version
        activities = [
            c
            for one in documents.find(tx, "Provenance", target=f"Task/{task.id}")
            for c in read.codes(one.resource["activity"], read.system("activity"))
        ]
        targets = {
            one.resource["target"][0]["reference"]
            for one in documents.find(tx, "Provenance", target=f"Task/{task.id}")
        }
        actions = [row.action for row in audit.of_target(tx, task.reference)]
        topics = [event.topic for event in outbox.about(tx, task.reference)]
        running = {c.kind: c.state for c in clocks.of_task(tx, id_)}

    told = ["awaiting-information", "received", "accepted", "in-progress", "completed"]
    assert sorted(activities) == sorted(["referral-received", *(f"referral-{s}" for s in told)])
    assert len(targets) == len(activities)
    assert actions[1:] == [f"referral.{s}" for s in ("received", *told)]
    assert topics == [f"referral.{s}" for s in ("requested", "received", *told)]
    assert set(running.values()) == {"met"}
    assert [n["kind"] for n in papers.notes(done.resource)] == ["question", "answer"]


def test_a_referral_sent_elsewhere_is_the_same_task_with_a_new_owner(town: Database) -> None:
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        moved = referral.act(
            tx,
            CALLERS[Role.FILLER],
            ReferralId(task.id),
            "requested",
            Brought("no-capability", "no dialysis", receiver=OTHER),
            expected=task.version,
        )
        accept = [c for c in clocks.of_task(tx, ReferralId(task.id)) if c.kind == "accept"]

    assert moved.id == task.id
    assert papers.owner(moved.resource) == OTHER
    assert moved.resource["statusReason"]["text"] == "no dialysis"
    assert [c.state for c in accept] == ["stopped", "running"]


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_a_random_walk_never_loses_a_referral(town: Database, data: st.DataObject) -> None:
    """An open one always has a running limit or a question, a hold, an exception that shows it."""
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED), abort=False)
        id_ = ReferralId(task.id)
        for _ in range(data.draw(st.integers(1, 8))):
            now = documents.read(tx, "Task", id_)
            position = papers.position(now.resource)
            ways = allowed(position)
            if not ways:
                break
            to = data.draw(st.sampled_from(ways))
            if to is State.EXPIRED:
                referral.expire(tx, id_)
                continue
            home = papers.owner(now.resource) == OTHER
            brought = Brought("other", "x", EVERYTHING.outputs, CENTRE if home else OTHER)
            try:
                referral.act(tx, BOSS, id_, to, brought, expected=now.version)
            except CareError as error:
                assert error.code == "referral.needs" and error.field == "abort"
        last = documents.read(tx, "Task", id_)
        events = outbox.about(tx, last.reference)
        running = [c for c in clocks.of_task(tx, id_) if c.state == "running"]
        tx.rollback()

    position = papers.position(last.resource)
    assert events[-1].version == last.version
    assert len({e.version for e in events}) == len(events)
    if position.state in (State.REQUESTED, State.RECEIVED):
        assert [c.kind for c in running] == ["accept"]
    if position.state in ENDED:
        assert running == []


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from([s for s in State if s is not State.REQUESTED]), max_size=7))
@example(
    [
        State.AWAITING, State.RECEIVED, State.DRAFT, State.ACCEPTED, State.ON_HOLD, State.ACCEPTED,
        State.IN_PROGRESS, State.EXPIRED, State.COMPLETED,
    ]
)  # fmt: skip
@example([State.REJECTED, State.ACCEPTED])
@example([State.ACCEPTED, State.IN_PROGRESS, State.CANCELLED, State.COMPLETED])
def test_the_same_random_walk_by_three_doors_ends_in_the_same_state_and_tells_the_same(
    town: Database, wishes: list[State]
) -> None:
    """Also what a door refuses is the same: the walk goes on from where it stood."""
    found = [walked(town, door, wishes) for door in (by_flow, by_put, by_message)]

    assert found[0] == found[1] == found[2]
    course, topics, _ = found[0]
    assert topics[-1] == f"referral.{course[-1].partition('@')[0]}"
    assert len(course) > 1 or len(wishes) < 8


def walked(
    town: Database, door: Any, wishes: list[State]
) -> tuple[list[str], list[str], dict[str, str]]:
    """Positions of a walk, events in the outbox, and limits as they stand at its end."""
    with town.write() as tx:
        task = task_at(tx, Position(State.RECEIVED))
        course = ["received"]
        for to in wishes:
            now = documents.read(tx, "Task", task.id)
            try:
                with tx.begin_nested():
                    door(tx, BOSS, now, to)
            except CareError:
                pass
            after = documents.read(tx, "Task", task.id)
            if after.version != now.version and papers.position(after.resource) != papers.position(
                now.resource
            ):
                course.append(str(papers.position(after.resource)))
        topics = [e.topic for e in outbox.about(tx, task.reference)]
        limits = {c.kind: c.state for c in clocks.of_task(tx, ReferralId(task.id))}
        tx.rollback()
    return course, [t for t in topics if t != "referral.updated"], limits
