"""The page of the policy rows, and the same rows over HTTP."""

import re
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from carecoord.model.policy import Mark
from carecoord.packs.load import load
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
from tests.serving import create

from .serve import application

DAY = {"day": "2026-03-05"}


@pytest.fixture(scope="module")
def pages() -> TestClient:
    return TestClient(application())


@pytest.fixture
def served(tmp_path: Path) -> TestClient:
    database = Database.open(sqlite_url(tmp_path))
    return TestClient(create(database, Settings(data=tmp_path), work=False))


def ids(html: str) -> list[str]:
    return re.findall(r'class="id"[^>]*>([^<]+)<', html)


@pytest.mark.parametrize(("lang", "name"), [("zh-CN", "查床间隔上限"), ("en", "Doctor round at")])
def test_the_page_lists_every_row_in_force_by_document(
    pages: TestClient, lang: str, name: str
) -> None:
    html = pages.get("/rules", params={**DAY, "lang": lang}).text

    rows = load().on(date(2026, 3, 5), "CN").rows
    assert sorted(ids(html)) == sorted(rows)
    assert name in html
    assert html.count('class="row open"') == sum(not row.confirmed for row in rows.values())


def test_the_page_filters_by_document_and_by_what_is_unconfirmed(pages: TestClient) -> None:
    law = {"document": "中华人民共和国劳动法"}

    assert "work.day_hours" in ids(pages.get("/rules", params={**DAY, **law}).text)
    none = pages.get("/rules", params={**DAY, **law, "unconfirmed": "1", "lang": "en"})
    assert ids(none.text) == [] and "Widen the filter" in none.text
    open_rows = pages.get("/rules", params={**DAY, "unconfirmed": "1"}).text
    assert 'class="row"' not in open_rows and ids(open_rows)


def test_a_city_row_stands_before_the_national_one(pages: TestClient) -> None:
    html = pages.get("/rules", params={**DAY, "jurisdiction": "310106007"}).text

    assert "ltci.entitlement.SH_LTC" in ids(html)
    assert ids(html).count("ltci.price.caregiver") == 1


def test_the_history_shows_the_row_of_every_place(pages: TestClient) -> None:
    html = pages.get("/rules/ltci.price.caregiver", params={"lang": "en"}).text

    assert "310000" in html and "CN" in html
    assert html.count('class="panel entry') == 2
    assert "Cities range from 4000 to 6500" in html


@pytest.mark.parametrize(
    ("address", "status"),
    [("/rules/no.such", 404), ("/rules?jurisdiction=abc", 400), ("/rules?document=x", 404)],
)
def test_what_is_not_there_is_a_page_that_says_so(
    pages: TestClient, address: str, status: int
) -> None:
    answer = pages.get(address)

    assert answer.status_code == status
    assert "<h1>" in answer.text


def test_names_and_values_are_escaped(pages: TestClient) -> None:
    html = pages.get("/rules", params={**DAY, "jurisdiction": "CN"}).text

    assert "<script" not in html


def test_the_rows_over_http_say_document_and_whether_confirmed(served: TestClient) -> None:
    found = served.get("/v1/rules", params={**DAY, "jurisdiction": "310106007"}).json()

    rows = {one["rule_id"]: one for one in found["rows"]}
    assert found["total"] == len(rows)
    assert found["unconfirmed"] == sum(not one["confirmed"] for one in rows.values())
    assert rows["ltci.fund_percent"]["value"] == 90
    assert all(one["doc_no"] and one["mark"] in list(Mark) for one in rows.values())


def test_rows_over_http_are_filtered_and_have_a_history(served: TestClient) -> None:
    found = served.get("/v1/rules", params={**DAY, "prefix": "ltci", "unconfirmed": True}).json()

    assert {one["rule_id"].split(".")[0] for one in found["rows"]} == {"ltci"}
    assert not any(one["confirmed"] for one in found["rows"])
    history = served.get("/v1/rules/ltci.price.nurse").json()
    assert [one["jurisdiction"] for one in history] == ["CN", "310000"]
    assert served.get("/v1/rules/no.such").json()["code"] == "rule.unknown"
    problem = served.get("/v1/rules", params={"document": "none"})
    assert (problem.status_code, problem.json()["code"]) == (404, "pack.document")
