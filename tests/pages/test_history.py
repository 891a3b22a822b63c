"""The history of a day and the run at work, on the board."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi.testclient import TestClient

from api.pages import source
from api.pages.history import Past, history
from api.pages.words import Words
from carecoord.model.ids import RunId
from carecoord.model.visits import DayKey
from carecoord.store.runs import Run

from . import build
from .serve import application

ZH, EN = Words("zh_CN"), Words("en")
DAY = build.small()
BOARD = f"/streets/{build.STREET}/days/{DAY.day.isoformat()}"
RUN = Run(
    id=RunId("run-1"),
    key=DayKey(build.STREET, DAY.day),
    state="solving",
    base_version=3,
    options={},
    requested_by="scheduler",
    requested_at=datetime(2026, 3, 4, 12, tzinfo=UTC),
    lease=1,
    problem_hash="",
    outcome={},
    finished_at=None,
    progress={"seconds": 1.5, "total": 12_345, "unserved": 2},
)


def page(past: Past) -> str:
    app = application()
    app.dependency_overrides[source.past] = lambda: past
    return TestClient(app).get(BOARD, headers={"accept-language": "en"}).text


def test_versions_are_told_newest_first_with_author_time_and_reason() -> None:
    found = history(build.past(DAY), ZH)
    assert [one.version for one in found["entries"]] == [3, 2, 1]
    hand = found["entries"][1]
    assert (hand.cause, hand.by, hand.at) == ("人工调整", "scheduler", "3月4日 周三 19:12")
    assert [(one.current, one.told) for one in found["entries"]] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    assert (found["undo"], found["redo"]) == (1, 0)


def test_a_day_without_history_shows_none() -> None:
    assert history(Past(), EN) == {"entries": (), "undo": 0, "redo": 0, "run": None}


def test_the_board_offers_every_version_but_the_present_one_and_escapes_reasons() -> None:
    text = page(build.past(DAY))
    assert 'data-restore="1"' in text and 'data-restore="2"' in text
    assert 'data-restore="3"' not in text
    assert "&lt;b&gt;1&lt;/b&gt;" in text and "<b>1</b>" not in text
    assert 'data-do="redo" disabled' in text and 'data-do="undo" disabled' not in text
    assert "data-run=" not in text


def test_a_run_at_work_is_followed_and_an_undecided_one_is_decided() -> None:
    past = build.past(DAY)
    text = page(replace(past, run=RUN))
    assert 'data-run="run-1"' in text and 'data-do="cancel"' in text
    assert "1.5 s · 2 not served · cost 12345" in text
    ended = replace(RUN, state="proposal", outcome={"kept": "proposal"})
    text = page(replace(past, run=ended))
    assert 'data-do="accept"' in text and 'data-do="cancel"' not in text
