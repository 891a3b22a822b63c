"""Steps of a bed: who may take them, when, and what they leave behind."""

from datetime import date, timedelta
from typing import Any

import pytest

from carecoord.access import Caller
from carecoord.errors import CareError, Conflict, Forbidden, Invalid, Missing, Stale
from carecoord.fhir import beds as resources
from carecoord.flows import bed, linkage, notices, record, rounds, stay
from carecoord.model import time
from carecoord.model.beds import Bed, BedKind, BedState, Step
from carecoord.model.ids import BedId, ElderId
from carecoord.model.rounds import RoundKind
from carecoord.store import audit, documents
from carecoord.store.documents import Document
from carecoord.store.engine import Database, Tx
from tests import build
from tests.build import BOSS, CENTRE, ON_SQLITE, STATION, STREET

Json = dict[str, Any]
E1 = ElderId("e1")
TODAY = time.today()
RULES = build.rules(TODAY)
HOME, FAMILY = BedKind.HOME_HOSPITAL, BedKind.FAMILY

PATH = (
    (Step.SCREEN, "d1"),
    (Step.VISIT, "d1"),
    (Step.OPEN, "d1"),
    (Step.RECORD, "d1"),
)


def consent(elder: str) -> Json:
    return {
        "resourceType": "Consent",
        "id": f"consent-{elder}",
        "status": "active",
        "scope": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
                    "code": "treatment",
                }
            ]
        },
        "category": [{"text": "care"}],
        "patient": build.ref("Patient", elder),
        "policyRule": {"text": "care"},
    }


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


@pytest.fixture
def town(database: Database) -> Database:
    """The tiny street; e1 and e2 are assessed and agreed."""
    papers = [
        one
        for elder in ("e1", "e2")
        for one in (build.level(elder, "LTC37", 4, ago(30)), consent(elder))
    ]
    build.store(database, *build.street(), *papers)
    return database


def take(tx: Tx, stored: Document, what: Step, performer: str = "", **more: Any) -> Document:
    who: Caller = more.pop("caller", BOSS)
    version = more.pop("expected", stored.version)
    return bed.step(
        tx,
        who,
        BedId(stored.id),
        what,
        RULES,
        expected=version,
        performer=performer,
        **more,
    )


def applied(tx: Tx, kind: BedKind = HOME, elder: str = "e1") -> Document:
    keeper = CENTRE if kind is HOME else STATION
    return bed.apply(tx, BOSS, ElderId(elder), kind, keeper, RULES)


def brought(tx: Tx, to: BedState, kind: BedKind = HOME, elder: str = "e1") -> Document:
    """A bed brought to a state on the way to active."""
    stored = applied(tx, kind, elder)
    for step, performer in PATH:
        if resources.bed(stored).state is to:
            break
        stored = take(tx, stored, step, performer)
    return stored


def facts(stored: Document) -> Bed:
    return resources.bed(stored)


def refused(call: Any) -> CareError:
    with pytest.raises(CareError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("kind", [HOME, FAMILY])
def test_a_bed_goes_from_application_to_summary_each_step_signed(
    town: Database, kind: BedKind
) -> None:
    with town.write() as tx:
        stored = brought(tx, BedState.ACTIVE, kind)
        reason = "improved" if kind is HOME else "move"
        stored = take(tx, stored, Step.CLOSE, "d1", reason=reason)
        closing = stored.resource
        stored = take(tx, stored, Step.FINISH, "d1", note="小结已写")
        signed = documents.find(tx, "Provenance", target=stored.reference)
        actions = [row.action for row in audit.of_target(tx, stored.reference)]

    wanted = ["applied", "screened", "home_visited", "opened", "active", "closing", "closed"]
    assert [state.value for state, _ in facts(stored).taken] == wanted
    assert [h["status"] for h in stored.resource["statusHistory"]] == [
        "planned",
        "waitlist",
        "active",
        "finished",
    ]
    assert (closing["status"], closing["period"]["end"]) == ("finished", TODAY.isoformat())
    assert facts(stored).reason == reason
    assert len(signed) == len(wanted) == len(actions)
    doctor = {"reference": "PractitionerRole/d1"}
    assert all(
        any(agent["who"] == doctor for agent in one.resource["agent"])
        for one in signed
        if one.resource["activity"]["coding"][0]["code"] != "bed-applied"
    )


def test_an_opened_home_hospital_bed_has_a_doctor_and_a_cycle_of_the_pack(town: Database) -> None:
    with town.write() as tx:
        opened = facts(brought(tx, BedState.OPENED))

    days = RULES.number("home_bed.cycle_days")
    assert opened.manager == "d1"
    assert opened.cycle == (TODAY, TODAY + timedelta(days=days - 1))


@ON_SQLITE
def test_a_step_needs_the_version_that_was_looked_at(town: Database) -> None:
    with town.write() as tx:
        stored = applied(tx)
        error = refused(lambda: take(tx, stored, Step.SCREEN, "d1", expected=stored.version + 1))

    assert isinstance(error, Stale)


@ON_SQLITE
def test_only_the_organisation_that_keeps_the_bed_takes_its_steps(town: Database) -> None:
    own = build.caller("bed.apply", "bed.screen")
    other = build.caller("bed.apply", "bed.screen", organization=STATION)
    with town.write() as tx:
        asking = refused(lambda: bed.apply(tx, other, E1, HOME, CENTRE, RULES))
        stored = bed.apply(tx, own, E1, HOME, CENTRE, RULES)
        error = refused(lambda: take(tx, stored, Step.SCREEN, "d1", caller=other))
        scope = refused(lambda: take(tx, stored, Step.CANCEL, caller=own, reason="x"))
        done = take(tx, stored, Step.SCREEN, "d1", caller=own)

    assert isinstance(error, Forbidden)
    assert (asking.code, error.code, scope.code) == ("bed.owner", "bed.owner", "access.scope")
    assert facts(done).state is BedState.SCREENED


@ON_SQLITE
@pytest.mark.parametrize(
    ("performer", "code"),
    [
        ("", "bed.performer"),
        ("nobody", "bed.performer_unknown"),
        ("c1", "bed.performer_licence"),
        ("n1", "bed.performer_licence"),
        ("lapsed", "bed.performer_licence"),
        ("elsewhere", "bed.performer_elsewhere"),
    ],
)
def test_the_home_is_visited_by_a_licensed_doctor_of_the_street(
    town: Database, performer: str, code: str
) -> None:
    build.store(
        town,
        build.practitioner("old", "doctor", end="2020-12-31"),
        build.role("lapsed", "old", kind="doctor", organization=CENTRE),
        build.organization("far", "health-centre"),
        build.role("elsewhere", "pd", kind="doctor", organization="far"),
    )
    with town.write() as tx:
        screened = brought(tx, BedState.SCREENED)
        error = refused(lambda: take(tx, screened, Step.VISIT, performer))

    assert isinstance(error, Invalid)
    assert (error.code, error.field) == (code, "performer")


@ON_SQLITE
def test_an_organisation_keeps_what_it_is_or_offers(town: Database) -> None:
    with town.write() as tx:
        error = refused(lambda: bed.apply(tx, BOSS, E1, HOME, STATION, RULES))
    offer: Json = {
        "resourceType": "HealthcareService",
        "id": "offer",
        "providedBy": build.ref("Organization", STATION),
        "type": [build.concept("programme", "home-hospital-bed")],
    }
    build.store(town, offer)
    with town.write() as tx:
        stored = bed.apply(tx, BOSS, E1, HOME, STATION, RULES)

    assert (error.code, error.facts["rule"]) == ("bed.keeper", "home_bed.keepers")
    assert facts(stored).state is BedState.APPLIED


def test_no_bed_is_opened_above_the_licensed_number(town: Database) -> None:
    with town.write() as tx:
        version = documents.read(tx, "Organization", CENTRE).version
        rounds.license_beds(tx, BOSS, CENTRE, HOME, 1, expected=version)
        brought(tx, BedState.ACTIVE)
        waiting = brought(tx, BedState.HOME_VISITED, elder="e2")
        error = refused(lambda: take(tx, waiting, Step.OPEN, "d1"))
        (home, family) = sorted(rounds.occupancy(tx, BOSS, CENTRE), key=lambda o: o.kind != HOME)

    assert (error.code, error.facts["licensed"]) == ("bed.capacity", 1)
    assert (home.licensed, home.taken, home.waiting) == (1, 1, 1)
    assert (family.licensed, family.taken) == (None, 0)


def test_one_person_holds_one_home_hospital_bed_but_a_family_bed_beside_it(
    town: Database,
) -> None:
    with town.write() as tx:
        brought(tx, BedState.ACTIVE)
        second = bed.apply(tx, BOSS, E1, HOME, CENTRE, RULES)
        for step, performer in PATH[:2]:
            second = take(tx, second, step, performer)
        error = refused(lambda: take(tx, second, Step.OPEN, "d1"))
        beside = facts(brought(tx, BedState.ACTIVE, FAMILY))

    assert (error.code, error.facts["rule"]) == ("bed.limit", "home_bed.active_per_person")
    assert (beside.state, len(beside.linked)) == (BedState.ACTIVE, 1)


@ON_SQLITE
@pytest.mark.parametrize(
    ("elder", "code"),
    [("e3", "bed.level"), ("stranger", "bed.not_in_area"), ("e4", "bed.no_consent")],
)
def test_a_family_bed_needs_level_area_and_consent(town: Database, elder: str, code: str) -> None:
    build.store(
        town,
        build.patient("e4"),
        build.level("e4", "GB42195", 3, ago(3)),
        build.patient("stranger", managed_by=""),
        build.level("stranger", "GB42195", 3, ago(3)),
        consent("stranger"),
    )
    with town.write() as tx:
        ready = brought(tx, BedState.HOME_VISITED, FAMILY, elder)
        error = refused(lambda: take(tx, ready, Step.OPEN))

    assert isinstance(error, Conflict)
    assert error.code == code
    assert str(error.facts["rule"]).startswith("family_bed.")


@ON_SQLITE
def test_an_assessment_of_more_than_a_year_opens_no_family_bed(town: Database) -> None:
    build.store(town, build.patient("e5"), build.level("e5", "LTC37", 4, ago(400)))
    with town.write() as tx:
        error = refused(
            lambda: bed.open_bed(tx, BOSS, ElderId("e5"), FAMILY, STATION, TODAY, RULES)
        )

    assert (error.code, error.facts["months"]) == ("bed.assessment_old", 12)


def test_no_bed_is_opened_for_somebody_in_hospital(town: Database) -> None:
    with town.write() as tx:
        ready = brought(tx, BedState.HOME_VISITED)
        stay.admit(tx, BOSS, E1, RULES)
        error = refused(lambda: take(tx, ready, Step.OPEN, "d1"))
        stay.discharge(tx, BOSS, E1, RULES)
        opened = take(tx, ready, Step.OPEN, "d1")
        _was_in_hospital(tx, "e2")
        earlier = refused(
            lambda: bed.open_bed(
                tx, BOSS, ElderId("e2"), HOME, CENTRE, TODAY - timedelta(days=5), RULES
            )
        )

    assert (error.code, error.facts["rule"]) == ("bed.inpatient", "home_bed.overlap_inpatient_days")
    assert facts(opened).state is BedState.OPENED
    assert (earlier.code, earlier.facts["days"]) == ("bed.inpatient", 3)


def _was_in_hospital(tx: Tx, elder: str) -> None:
    """A stay of three days that ended before today is on record now."""
    record.create(
        tx,
        BOSS,
        build.read(
            {
                "resourceType": "Encounter",
                "status": "finished",
                "class": {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "IMP",
                },
                "subject": build.ref("Patient", elder),
                "period": {"start": ago(4), "end": ago(1)},
            }
        ),
    )


@ON_SQLITE
def test_reasons_are_those_of_the_pack(town: Database) -> None:
    with town.write() as tx:
        stored = brought(tx, BedState.ACTIVE)
        suspend = refused(lambda: take(tx, stored, Step.SUSPEND, reason="bored"))
        close = refused(lambda: take(tx, stored, Step.CLOSE, "d1", reason="institution"))

    assert (suspend.code, suspend.field) == ("bed.reason", "reason")
    assert close.facts["rule"] == "home_bed.close_reasons"


@ON_SQLITE
def test_a_rejection_says_why_in_its_provenance_and_ends_the_application(town: Database) -> None:
    with town.write() as tx:
        stored = applied(tx)
        silent = refused(lambda: take(tx, stored, Step.REJECT))
        done = take(tx, stored, Step.REJECT, reason="居室条件不符合")
        signed = documents.find(tx, "Provenance", target=done.reference)
        over = refused(lambda: take(tx, done, Step.SCREEN, "d1"))

    assert silent.code == "bed.reason_missing"
    assert done.resource["status"] == "cancelled"
    assert "居室条件不符合" in [r["text"] for s in signed for r in s.resource.get("reason", ())]
    assert (over.code, over.facts["allowed"]) == ("bed.step", "-")


def old_bed(tx: Tx, days: int) -> Document:
    return bed.open_bed(tx, BOSS, E1, HOME, CENTRE, TODAY - timedelta(days=days), RULES)


def test_a_cycle_is_extended_after_an_assessment_made_in_it(town: Database) -> None:
    with town.write() as tx:
        stored = old_bed(tx, 20)
        error = refused(
            lambda: bed.extend(
                tx,
                BOSS,
                BedId(stored.id),
                RULES,
                expected=stored.version,
                performer="d1",
                note="",
            )
        )
    build.store(town, build.level("e1", "GB42195", 3, ago(2)))
    with town.write() as tx:
        first = facts(stored).cycle
        extended = bed.extend(
            tx, BOSS, BedId(stored.id), RULES, expected=stored.version, performer="d1", note="续床"
        )
        again = refused(
            lambda: bed.extend(
                tx,
                BOSS,
                BedId(stored.id),
                RULES,
                expected=extended.version,
                performer="d1",
                note="",
            )
        )

    assert (error.code, again.code) == ("bed.reassess", "bed.reassess")
    assert error.facts["rule"] == "home_bed.extension_needs_assessment"
    next_cycle = facts(extended).cycle
    assert first is not None
    assert next_cycle is not None
    assert next_cycle[0] == first[1] + timedelta(days=1)
    assert (next_cycle[1] - next_cycle[0]).days == RULES.number("home_bed.cycle_days") - 1


@ON_SQLITE
def test_after_the_end_of_its_cycle_a_bed_has_no_rounds_and_is_not_resumed(town: Database) -> None:
    with town.write() as tx:
        stored = old_bed(tx, 61)
        error = refused(
            lambda: rounds.record_round(
                tx, BOSS, BedId(stored.id), RoundKind.ROUND, RULES, performer="d1"
            )
        )
        held = take(tx, stored, Step.SUSPEND, reason="away")
        resume = refused(lambda: take(tx, held, Step.RESUME, "d1"))

    assert (error.code, resume.code) == ("bed.cycle_over", "bed.cycle_over")
    assert error.facts["rule"] == "home_bed.cycle_days"


def test_a_round_is_an_encounter_of_the_bed_and_the_next_is_due_from_it(town: Database) -> None:
    with town.write() as tx:
        stored = old_bed(tx, 10)
        late = {d.what: d.by for d in rounds.rounds_due(tx, BOSS, STREET, RULES, until=TODAY)}
        done = rounds.record_round(
            tx, BOSS, BedId(stored.id), RoundKind.SENIOR, RULES, performer="d1", note="平稳"
        )
        after = rounds.rounds_due(tx, BOSS, STREET, RULES, until=TODAY + timedelta(days=8))

    assert {"round", "senior_round", "nurse_visit", "first_record"} == set(late)
    assert done.resource["episodeOfCare"] == [{"reference": stored.reference}]
    assert done.resource["class"]["code"] == "HH"
    due = {d.what: d.by.astimezone(time.ZONE).date() for d in after}
    assert due["round"] == TODAY + timedelta(days=7)
    assert "senior_round" not in due
    assert {d.rule.rule_id for d in after if d.what == "round"} == {"home_bed.round_days"}


@ON_SQLITE
def test_rounds_need_licence_order_another_senior_and_an_open_bed(town: Database) -> None:
    def at(stored: Document, kind: RoundKind, performer: str) -> CareError:
        return refused(
            lambda: rounds.record_round(
                tx, BOSS, BedId(stored.id), kind, RULES, performer=performer
            )
        )

    with town.write() as tx:
        stored = brought(tx, BedState.ACTIVE)
        unlicensed = at(stored, RoundKind.ROUND, "n1")
        senior = at(stored, RoundKind.SENIOR, "d1")
        unordered = at(stored, RoundKind.NURSE, "n1")
        wrong = at(stored, RoundKind.HOME, "d1")
        held = take(tx, stored, Step.SUSPEND, reason="away")
        closed = at(held, RoundKind.ROUND, "d1")

    codes = [e.code for e in (unlicensed, senior, unordered, wrong, closed)]
    assert codes == [
        "bed.performer_licence",
        "bed.senior_same",
        "bed.no_order",
        "bed.round_kind",
        "bed.not_serving",
    ]
    assert unordered.facts["rule"] == "home_bed.nurse_needs_order"


def test_opening_the_second_bed_asks_the_first_ones_keeper_within_a_working_day(
    town: Database,
) -> None:
    with town.write() as tx:
        family = brought(tx, BedState.ACTIVE, FAMILY)
        home = brought(tx, BedState.OPENED)
        (task,) = documents.find(tx, "Task", owner=f"Organization/{STATION}")
        (told, *_) = documents.find(tx, "Communication", subject="Patient/e1")
        due = notices.due_after(time.now(), 1)
        other = build.caller("notice.confirm")
        wrong = refused(lambda: notices.confirm(tx, other, task.id, expected=task.version))
        done = notices.confirm(tx, BOSS, task.id, expected=task.version)
        again = notices.confirm(tx, BOSS, task.id, expected=done.version)
        linked = facts(documents.read(tx, "EpisodeOfCare", family.id)).linked

    assert task.resource["focus"]["reference"] == home.reference
    end = task.resource["restriction"]["period"]["end"]
    assert end[:10] == due.astimezone(time.ZONE).date().isoformat()
    assert len(told.resource["payload"]) == 2
    assert (wrong.code, done.resource["status"], again) == ("notice.owner", "completed", done)
    assert linked == (home.id,)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 3, 5), date(2026, 3, 6)),
        (date(2026, 3, 6), date(2026, 3, 9)),
        # 30 September, before the holiday of eight days.
        (date(2026, 9, 30), date(2026, 10, 8)),
        # 13 February, before a Saturday on which people work.
        (date(2026, 2, 13), date(2026, 2, 14)),
    ],
)
def test_working_days_pass_over_holidays_and_count_make_up_days(day: date, due: date) -> None:
    found = notices.due_after(time.instant(day, 36_000), 1)

    assert found == time.instant(due, time.DAY - 1)


def test_closing_to_hospital_drafts_an_up_referral_and_suspends_the_family_bed(
    town: Database,
) -> None:
    with town.write() as tx:
        family = brought(tx, BedState.ACTIVE, FAMILY)
        home = brought(tx, BedState.ACTIVE)
        take(tx, home, Step.CLOSE, "d1", reason="needs_hospital", note="血压持续升高")
        (asked,) = documents.find(tx, "ServiceRequest", patient="Patient/e1")
        other = facts(documents.read(tx, "EpisodeOfCare", family.id))
        review = take(tx, documents.read(tx, "EpisodeOfCare", family.id), Step.REVIEW)
        back = take(tx, review, Step.RESUME, "c1")

    assert (asked.resource["status"], asked.resource["intent"]) == ("draft", "order")
    assert asked.resource["reasonCode"] == [{"text": "血压持续升高"}]
    assert (other.state, other.reason) == (BedState.SUSPENDED, "hospital_stay")
    assert facts(back).state is BedState.ACTIVE


def test_after_a_stay_a_bed_is_reviewed_before_it_is_resumed(town: Database) -> None:
    with town.write() as tx:
        stored = brought(tx, BedState.ACTIVE)
        held = take(tx, stored, Step.SUSPEND, reason="hospital_stay")
        error = refused(lambda: take(tx, held, Step.RESUME, "d1"))
        review = take(tx, held, Step.REVIEW)
        back = take(tx, review, Step.RESUME, "d1")

    assert (error.code, error.facts["rule"]) == ("bed.review_first", "bed_link.after_discharge")
    assert facts(back).reason == ""


@ON_SQLITE
def test_a_step_lies_neither_in_the_future_nor_before_the_last(town: Database) -> None:
    with town.write() as tx:
        stored = applied(tx)
        for at in (time.now() + timedelta(hours=1), time.now() - timedelta(hours=1)):
            error = refused(lambda at=at: take(tx, stored, Step.SCREEN, "d1", at=at))
            assert (error.code, error.field) == ("bed.when", "at")


@ON_SQLITE
def test_an_unknown_bed_is_missing(town: Database) -> None:
    with town.write() as tx:
        error = refused(lambda: bed.step(tx, BOSS, BedId("none"), Step.SCREEN, RULES, expected=1))

    assert isinstance(error, Missing)
    assert error.code == "bed.none"


def test_fhir_cannot_move_a_bed_past_its_steps(town: Database) -> None:
    with town.write() as tx:
        stored = brought(tx, BedState.ACTIVE)
    moved = {**stored.resource, "status": "finished"}
    bare = {k: v for k, v in stored.resource.items() if k not in ("extension", "id")}
    forbidden = (
        ("bed.managed", lambda tx: record.update(tx, BOSS, "EpisodeOfCare", stored.id, moved)),
        ("bed.managed", lambda tx: record.delete(tx, BOSS, "EpisodeOfCare", stored.id)),
        ("bed.limit", lambda tx: record.create(tx, BOSS, bare)),
    )
    for code, write in forbidden:
        with pytest.raises(Conflict) as caught, town.write() as tx:
            write(tx)
        assert caught.value.code == code
    with town.write() as tx:
        mistaken = record.create(tx, BOSS, {**bare, "status": "entered-in-error"})
        team = {**stored.resource, "team": [build.ref("CareTeam", "t")]}
        kept = record.update(tx, BOSS, "EpisodeOfCare", stored.id, team)

    assert mistaken.version == 1
    assert kept.document.resource["team"] == [build.ref("CareTeam", "t")]
    assert kept.document.resource["status"] == "active"


def test_every_step_keeps_what_others_wrote_in_the_episode(town: Database) -> None:
    foreign = {"url": "https://hospital.example/ward", "valueString": "三病区"}
    with town.write() as tx:
        stored = applied(tx)
        noted = {
            **stored.resource,
            "extension": [*stored.resource["extension"], foreign],
            "diagnosis": [{"condition": {"display": "脑梗死恢复期"}}],
        }
        record.update(tx, BOSS, "EpisodeOfCare", stored.id, noted)
        last = documents.read(tx, "EpisodeOfCare", stored.id)
        for step, performer in PATH:
            last = take(tx, last, step, performer)

    assert foreign in last.resource["extension"]
    assert last.resource["diagnosis"] == [{"condition": {"display": "脑梗死恢复期"}}]


def test_each_step_names_the_organisation_it_was_taken_for(
    town: Database,
) -> None:
    scopes = [f"bed.{step.value}" for step in Step]
    who = build.caller("bed.apply", *scopes)
    with town.write() as tx:
        stored = bed.apply(tx, who, E1, HOME, CENTRE, RULES)
        for step, performer in PATH:
            stored = take(tx, stored, step, performer, caller=who)
        agents = [
            agent
            for one in documents.find(tx, "Provenance", target=stored.reference)
            for agent in one.resource["agent"]
            if "onBehalfOf" in agent
        ]

    assert len(agents) == 5
    assert {a["onBehalfOf"]["reference"] for a in agents} == {f"Organization/{CENTRE}"}
    assert linkage.day_of(facts(stored).taken[-1][1]) == TODAY
