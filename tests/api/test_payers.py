"""What a plan costs whom, before anybody agrees; the month's services for those who pay."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from carecoord.cli import main
from carecoord.model import time
from carecoord.model.events import EventKind, VisitEvent
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store import days, demands, visit_events
from carecoord.store.engine import Database
from fhir_profiles import check
from tests import build
from tests.build import HOUR, STREET
from tests.serving import create

MONDAY = time.today() - timedelta(days=time.today().weekday())
EVIL = '=HYPERLINK("http://example.invalid")'
Json = dict[str, Any]


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    build.store(database, *build.street())
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        found.headers["accept-language"] = "en"
        yield found


def coverage(elder: str, payer: str, order: int = 1) -> Json:
    return {
        "resourceType": "Coverage",
        "id": f"{payer}-{elder}",
        "status": "active",
        "type": build.concept("payer", payer),
        "beneficiary": build.ref("Patient", elder),
        "payor": [build.ref("Organization", build.OFFICE)],
        "order": order,
    }


def task(item: str, programme: str, group: str, **more: Any) -> Json:
    extensions = [
        build.own("programme", valueCode=programme),
        build.own("visit-group", valueString=group),
        build.own("visit-minutes", valuePositiveInt=60),
    ]
    return build.detail(item, *extensions, **more)


def plan(elder: str, *tasks: Json, status: str = "draft") -> Json:
    period = {"start": (MONDAY - timedelta(days=90)).isoformat()}
    return build.care_plan(f"paid-{elder}", elder, *tasks, status=status, period=period)


def level(elder: str, scale: str, number: int) -> Json:
    made = build.level(elder, scale, number, (MONDAY - timedelta(days=20)).isoformat())
    return made | {"id": made["id"].replace("_", "-")}


def quoted(client: TestClient, plan: str = "paid-e1", status: int = 200, **body: Any) -> Any:
    asked = {"start": MONDAY.isoformat(), "weeks": 1, **body}
    answer = client.post(f"/v1/plans/{plan}:quote", json=asked)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_quote_says_payer_quota_price_and_own_share_of_every_task(
    client: TestClient, database: Database
) -> None:
    build.store(
        database,
        coverage("e1", "ltci"),
        level("e1", "LTC37", 3),
        plan("e1", task("7", "ltci", "a"), task("9", "ltci", "b")),
    )

    found = quoted(client)

    assert found["visits"] == 14
    activities = {one["item"]: one for one in found["activities"]}
    assert {s["payer"]: s["times"] for s in activities["7"]["shares"]} == {"ltci": 4, "self": 3}
    refused = next(s for s in activities["7"]["shares"] if s["payer"] == "self")
    assert [one["code"] for one in refused["not_covered_by"]] == ["payer.quota", "payer.no_cover"]
    assert "480" in refused["not_covered_by"][0]["text"]
    [use] = found["usage"]
    assert (use["unit"], use["amount"], use["used"], use["left"]) == ("minutes", 480, 480, 0)
    assert use["basis"] == "LTC37 3"
    assert found["price"] == 14 * 5000
    assert found["copay"] == 8 * 1500
    assert found["out_of_pocket"] == 6 * 5000
    assert found["own"] == found["copay"] + found["out_of_pocket"]
    assert found["cost"]["per_service_hour"] and found["cost"]["price"] == found["price"]
    assert {r["rule_id"] for r in use["rules"]} >= {"ltci.entitlement.LTC37"}
    kinds = {tuple(one["items"]): one for one in found["visit_costs"]}
    assert kinds[("7",)]["times"] == kinds[("9",)]["times"] == 7
    meal = kinds[("7",)]["cost"]
    assert (meal["price"], meal["labour"], meal["minutes"]) == (35000, 24500, 420)
    assert sum(one["cost"]["total"] for one in kinds.values()) == found["cost"]["total"]
    assert all(r["confirmed"] is False for r in found["cost"]["rules"])


def test_a_quote_is_kept_in_fhir_as_a_predetermination(
    client: TestClient, database: Database
) -> None:
    build.store(
        database,
        coverage("e1", "ltci"),
        level("e1", "LTC37", 3),
        plan("e1", task("7", "ltci", "a")),
    )

    first, second = quoted(client), quoted(client)

    assert first["claim"] == second["claim"]
    stored = client.get(f"/fhir/{first['claim']}").json()
    assert stored["meta"]["versionId"] == "1"
    assert (stored["use"], len(stored["item"])) == ("predetermination", 7)
    assert stored["total"] == {"value": 350.0, "currency": "CNY"}
    assert stored["insurance"][0]["coverage"] == {"reference": "Coverage/ltci-e1"}
    assert [f for f in check.findings(stored) if f.severity == "error"] == []


def test_each_plan_has_a_quote_of_its_own_with_every_coverage_that_pays(
    client: TestClient, database: Database
) -> None:
    for elder in ("e1", "e2"):
        build.store(
            database,
            coverage(elder, "ltci"),
            coverage(elder, "subsidy", 2),
            level(elder, "LTC37", 3),
            plan(elder, task("7", "ltci", "a"), task("9", "family-bed", "b")),
        )

    first, second = quoted(client), quoted(client, "paid-e2")

    assert first["claim"] != second["claim"]
    stored = client.get(f"/fhir/{first['claim']}").json()
    assert stored["patient"] == {"reference": "Patient/e1"}
    assert [one["coverage"]["reference"] for one in stored["insurance"]] == [
        "Coverage/ltci-e1",
        "Coverage/subsidy-e1",
    ]
    assert {one["payer"] for one in first["payers"]} == {"ltci", "subsidy"}


def test_two_programmes_never_charge_one_item_twice_in_one_span_of_time(
    client: TestClient, database: Database
) -> None:
    window = build.window("08:00:00", "09:00:00")
    tasks = [task("6", p, p, repeat=None) for p in ("ltci", "family-bed")]
    for one in tasks:
        one["extension"].append(window)
    build.store(
        database,
        coverage("e1", "ltci"),
        coverage("e1", "subsidy", 2),
        level("e1", "LTC37", 5),
        plan("e1", *tasks),
    )

    found = quoted(client)

    charged = {a["programme"]: a["shares"] for a in found["activities"]}
    prices = [sum(s["price"] for s in shares) for shares in charged.values()]
    assert sorted(prices) == [0, 35000]
    free = next(s for shares in charged.values() for s in shares if s["price"] == 0)
    assert [one["code"] for one in free["not_covered_by"]] == ["payer.double"]
    assert [(s["first"], s["second"], s["verdict"]) for s in found["stacking"]] == [
        ("subsidy", "ltci", "both")
    ]


@pytest.mark.parametrize(
    ("asked", "code"), [({"weeks": 0}, "quote.weeks"), ({"weeks": 14}, "quote.weeks")]
)
def test_what_cannot_be_quoted_is_refused_with_a_code(
    client: TestClient, database: Database, asked: Json, code: str
) -> None:
    build.store(database, plan("e1", task("7", "ltci", "a")))

    assert quoted(client, status=400, **asked)["code"] == code


def test_without_a_body_the_next_four_weeks_are_quoted(
    client: TestClient, database: Database
) -> None:
    build.store(database, plan("e1", task("7", "ltci", "a")))

    found = client.post("/v1/plans/paid-e1:quote").json()

    assert (found["first"], found["visits"]) == (MONDAY.isoformat(), 28)


def test_a_plan_that_is_over_is_not_quoted(client: TestClient, database: Database) -> None:
    build.store(database, plan("e1", task("7", "ltci", "a"), status="completed"))

    assert quoted(client, status=409)["code"] == "plan.state"


def test_a_recorded_level_of_the_citys_own_scale_decides_by_visits(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "street.toml"
    file.write_text(
        f'''format = 1
pack = "street"
jurisdiction = "{STREET}"
zh = "街道"
en = "street"
[[document]]
doc_no = "1"
valid_from = 2020-01-01
[[document.rule]]
rule_id = "ltci.entitlement.SH_LTC"
mark = "V"
zh = "次数"
en = "visits"
value = {{ "4" = 5 }}
''',
        encoding="utf-8",
    )
    app: Any = client.app
    app.state.packs = load(file)
    build.store(
        database,
        coverage("e1", "ltci"),
        level("e1", "SH_LTC", 4),
        level("e1", "LTC37", 5),
        plan("e1", task("7", "ltci", "a")),
    )

    found = quoted(client)

    [use] = found["usage"]
    assert (use["unit"], use["amount"], use["used"], use["basis"]) == ("visits", 5, 5, "SH_LTC 4")
    [rule] = [r for r in use["rules"] if r["rule_id"] == "ltci.entitlement.SH_LTC"]
    assert (rule["jurisdiction"], rule["confirmed"]) == (STREET, True)


# ---- the month ----


def month() -> str:
    return f"{MONDAY:%Y-%m}"


def delivered(database: Database, *, name: str = "e1 name", proven: bool = False) -> str:
    """One published day with one visit of an hour; the id of its demand."""
    build.store(
        database,
        build.patient("e1", 1, 1, name=[{"text": name}]),
        coverage("e1", "ltci"),
        level("e1", "LTC37", 3),
        plan("e1", task("7", "ltci", "a"), status="active"),
    )
    wanted = build.demand(
        "visit-1", "e1", day=MONDAY, duration=3600, programmes=("ltci",), group="a"
    )
    stop = Stop(StaffId("c1"), wanted.id, 0, 8 * HOUR - 180, 8 * HOUR, 9 * HOUR, 600)
    planned = DayPlan(DayKey(STREET, MONDAY), (stop,), (), (), (), {}, estimated=False)
    with database.write() as tx:
        demands.replace(tx, STREET, MONDAY, 1, [wanted])
        version = days.replace_plan(tx, planned, expected=0, why=Why("run", "test"))
        days.publish(tx, planned.key, Why("publish", "test"), expected=version)
    if proven:
        visited(database, wanted.id)
    return wanted.id


def visited(database: Database, demand: str) -> None:
    """A visit reported from the door: when, how far from the home, what was done, confirmed."""

    def event(kind: EventKind, clock: str, **more: Any) -> VisitEvent:
        at = datetime.fromisoformat(f"{MONDAY.isoformat()}T{clock}:00+08:00")
        key = DayKey(STREET, MONDAY)
        return VisitEvent(
            str(uuid4()), key, DemandId(demand), StaffId("c1"), kind, at, at, "c1", **more
        )

    with database.write() as tx:
        visit_events.append(
            tx,
            [
                event(EventKind.ARRIVED, "08:02", metres=35),
                event(EventKind.FINISHED, "09:01", confirmed=True, items=("7",)),
            ],
        )


def settled(client: TestClient, **query: str) -> Any:
    path = f"/v1/streets/{STREET}/settlement"
    answer = client.get(path, params={"month": month(), **query})
    assert answer.status_code == 200, answer.text
    return answer


def test_the_month_lists_each_task_with_its_payer_and_what_proves_it(
    client: TestClient, database: Database
) -> None:
    delivered(database, proven=True)

    found = settled(client).json()

    [line] = found["lines"]
    assert (line["payer"], line["price"], line["fund"], line["own"]) == ("ltci", 5000, 3500, 1500)
    assert (line["planned"], line["actual"]) == ("08:00–09:00", "08:02–09:01")
    assert line["proven"] is True and line["evidence_missing"] == []
    assert found["payers"] == [{"payer": "ltci", "fund": 3500, "own": 1500}]
    assert found["cost"]["travel"] == 683


def test_without_check_in_nothing_is_proven(client: TestClient, database: Database) -> None:
    delivered(database)

    [line] = settled(client).json()["lines"]

    assert line["proven"] is False
    assert "check_in" in line["evidence_missing"] and line["actual"] == ""


def test_csv_opens_in_a_spreadsheet_and_runs_no_formula(
    client: TestClient, database: Database
) -> None:
    delivered(database, name=EVIL)

    answer = settled(client, format="csv")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    heads, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert row[heads.index("Name")] == "'" + EVIL
    assert row[heads.index("Price (yuan)")] == "50.00"
    assert row[heads.index("Payer")] == "Long-term care insurance"
    assert "attachment" in answer.headers["content-disposition"]


def test_the_workbook_holds_texts_and_amounts_and_no_formula(
    client: TestClient, database: Database
) -> None:
    delivered(database, name=EVIL)

    book = load_workbook(io.BytesIO(settled(client, format="xlsx").content))

    sums, services = book.worksheets
    assert [cell.value for cell in sums[2]] == ["Long-term care insurance", 35, 15]
    assert [cell.data_type for row in services for cell in row].count("f") == 0
    assert EVIL in [cell.value for cell in services[2]]


def test_claims_are_valid_fhir_and_drafts_until_proven(
    client: TestClient, database: Database
) -> None:
    demand = delivered(database)

    bundle = settled(client, format="fhir").json()

    [entry] = bundle["entry"]
    claim = entry["resource"]
    assert [f for f in check.findings(claim) if f.severity == "error"] == []
    assert (claim["status"], claim["use"]) == ("draft", "claim")
    assert claim["provider"] == {"reference": f"Organization/{build.STATION}"}
    visited(database, demand)
    [proven] = settled(client, format="fhir").json()["entry"]
    assert proven["resource"]["status"] == "active"
    assert proven["resource"]["item"][0]["encounter"] == [
        {"reference": f"Encounter/carecoord.{demand}"}
    ]


def test_written_claims_are_read_under_fhir_and_writing_again_changes_nothing(
    client: TestClient, database: Database
) -> None:
    delivered(database, proven=True)
    path = f"/v1/streets/{STREET}/settlement:claim?month={month()}&payer=ltci"

    first, second = client.post(path).json(), client.post(path).json()

    assert first == second and len(first["claims"]) == 1
    stored = client.get(f"/fhir/{first['claims'][0]}").json()
    assert (stored["meta"]["versionId"], stored["insurer"]) == (
        "1",
        {"reference": f"Organization/{build.OFFICE}"},
    )


def test_one_payer_alone_is_exported(client: TestClient, database: Database) -> None:
    delivered(database)

    assert settled(client, payer="medical").json()["lines"] == []


def test_use_of_an_entitlement_comes_from_the_visits_planned(
    client: TestClient, database: Database
) -> None:
    delivered(database)

    found = client.get("/v1/elders/e1/entitlement", params={"day": MONDAY.isoformat()}).json()

    use = next(one for one in found["usage"] if one["key"] == MONDAY.isoformat())
    assert (use["used"], use["left"], use["amount"]) == (60, 420, 480)


@pytest.mark.parametrize("asked", ["2026-13", "March", "2026-3"])
def test_what_is_no_month_is_refused(client: TestClient, asked: str) -> None:
    answer = client.get(f"/v1/streets/{STREET}/settlement", params={"month": asked})

    assert (answer.status_code, answer.json()["code"]) == (400, "settlement.month")


def test_the_command_writes_the_month_to_a_file(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.store(database, *build.street())
    delivered(database)
    monkeypatch.setenv("CARECOORD_DATABASE_URL", database_url)
    target = tmp_path / "month.csv"

    code = main(["--lang", "en", "export", STREET, month(), "--out", str(target)])

    assert code == 0
    rows = list(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert len(rows) == 2 and date.fromisoformat(rows[1][0]) == MONDAY
    assert main(["export", STREET, "2026-00", "--out", str(target)]) == 2
