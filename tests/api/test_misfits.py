"""A request that does not fit its route is refused in the caller's words, with the place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
from tests.serving import create

RUNS = "/v1/streets/990101001/runs"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    database = Database.open(sqlite_url(tmp_path))
    with TestClient(create(database, Settings(data=tmp_path), work=False)) as found:
        yield found
    database.close()


@pytest.mark.parametrize(
    ("body", "code", "field", "chinese"),
    [
        ({}, "http.field_missing", "/body/day", "缺少必填内容。"),
        ({"day": "2026-13-01"}, "http.date", "/body/day", "不是有效日期；请用 YYYY-MM-DD。"),
        ({"day": "2026-03-02", "seed": "x"}, "http.whole_number", "/body/seed", "须为整数。"),
        ({"day": "2026-03-02", "seed": -1}, "http.too_small", "/body/seed", "不得小于 0。"),
        (
            {"day": "2026-03-02", "seconds": 9999},
            "http.too_big",
            "/body/seconds",
            "不得大于 3600。",
        ),
        (
            {"day": "2026-03-02", "secnods": 1},
            "http.field_unknown",
            "/body/secnods",
            "没有这个字段；请检查拼写。",
        ),
    ],
)
def test_a_misfit_has_a_code_a_place_and_a_sentence(
    client: TestClient, body: dict[str, Any], code: str, field: str, chinese: str
) -> None:
    answer = client.post(RUNS, json=body, headers={"Accept-Language": "zh-CN"})

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["field"], problem["detail"]) == (code, field, chinese)


def test_text_that_is_no_json_is_said_to_be_none(client: TestClient) -> None:
    answer = client.post(
        RUNS, content=b"{", headers={"Content-Type": "application/json", "Accept-Language": "en"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "http.json")
