"""The history of a day and the run at work, in a real browser on the whole application."""

from datetime import timedelta
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.wait import WebDriverWait

from carecoord.flows import day
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey
from carecoord.store import days, runs
from carecoord.store.engine import Database
from tests import build
from tests.api.test_runs import served
from tests.build import BOSS, DAY, ON_SQLITE, STREET
from tests.flows.plans import planned, swapped

KEY = DayKey(STREET, DAY)


@ON_SQLITE
def test_a_version_is_restored_and_a_run_followed_to_a_proposal_that_is_taken_over(
    desktop: Chrome, database: Database, tmp_path: Path
) -> None:
    build.store(database, *build.street())
    with database.write() as tx:
        day.expand_plans(tx, BOSS, STREET, DAY, 1, build.rules())
        first = planned(tx, Path("unused"))
        days.replace_plan(tx, first, expected=0, why=Why("run", "clock"))
        days.replace_plan(tx, swapped(tx, first), expected=1, why=Why("hand", "li", "ill"))
        asked = day.request(tx, BOSS, STREET, DAY)
        until_then = asked.requested_at + timedelta(hours=2)
        run = runs.claim(tx, asked.id, now=asked.requested_at, until=until_then)
    assert run is not None
    wait = WebDriverWait(desktop, 60)

    def says(selector: str, text: str) -> None:
        wait.until(until.text_to_be_present_in_element((By.CSS_SELECTOR, selector), text))

    with served(database, tmp_path) as address:
        desktop.get(f"{address}/streets/{STREET}/days/{DAY.isoformat()}?lang=en")
        wait.until(until.element_to_be_clickable((By.ID, "tab-history"))).click()
        wait.until(until.element_to_be_clickable((By.CSS_SELECTOR, "[data-restore='1']"))).click()
        alert = wait.until(until.alert_is_present())
        alert.send_keys("the caregiver is back")
        alert.accept()
        says(".badge", "version 3")
        with database.read() as tx:
            assert days.read(tx, KEY) == first

        with database.write() as tx:
            told = {"seconds": 2.5, "total": 4321, "unserved": 1}
            runs.beat(tx, run, at=asked.requested_at, until=until_then, progress=told)
        says("[data-run-figures]", "2.5 s · 1 not served · cost 4,321")
        with database.write() as tx:
            day.commit(tx, run, first, attribution="", problem_hash="", outcome={})
        accept = (By.CSS_SELECTOR, "[data-do='accept']")
        wait.until(until.element_to_be_clickable(accept)).click()
        says(".badge", "version 4")
        wait.until(until.invisibility_of_element_located((By.CSS_SELECTOR, ".run")))
    assert [one for one in desktop.get_log("browser") if one["level"] == "SEVERE"] == []
