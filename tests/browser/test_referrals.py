"""Referrals in a real browser: the form asks by itself, slips print on one A4 page each."""

import base64
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as until
from selenium.webdriver.support.wait import WebDriverWait

from carecoord.flows import intake, referral
from carecoord.model.ids import ReferralId
from carecoord.store.engine import Database
from tests import build
from tests.api.test_runs import served
from tests.build import BOSS, ON_SQLITE
from tests.flows.test_referral_doors import SENDING

A4 = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}
SHOTS = os.environ.get("CARECOORD_SHOTS", "")
"""Folder for pictures to look at; none are taken without it."""


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address of the application, and the id of a referral with a question."""
    build.store(database, *build.street(), build.organization("hospital", "hospital"))
    with database.write() as tx:
        made = intake.send(tx, BOSS, SENDING)
        brought = referral.Brought(text="抗凝药剂量？")
        referral.act(
            tx, BOSS, ReferralId(made.id), "awaiting-information", brought, expected=made.version
        )
    with served(database, tmp_path) as address:
        yield address, made.id


def shot(browser: Chrome, name: str) -> None:
    if SHOTS:
        height = browser.execute_script("return document.documentElement.scrollHeight")
        width = browser.execute_script("return window.innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        picture = browser.execute_cdp_cmd(
            "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip}
        )
        (Path(SHOTS) / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))


def widths(browser: Chrome) -> tuple[int, int]:
    """Width of the content and of the window: content that is wider has to be scrolled."""
    found = browser.execute_script(
        "return [document.documentElement.scrollWidth, window.innerWidth]"
    )
    return found[0], found[1]


@ON_SQLITE
def test_each_slip_prints_on_one_a4_page_with_its_chinese_text(
    desktop: Chrome, town: tuple[str, str]
) -> None:
    address, task = town
    desktop.get(f"{address}/referrals/{task}/slip?lang=zh")
    printed = base64.b64decode(desktop.execute_cdp_cmd("Page.printToPDF", A4)["data"])

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
    written = b"".join(_streams(printed)).upper()
    for sign in "转诊王":
        assert f"<{ord(sign):04X}>".encode() in written, sign


def _streams(pdf: bytes) -> Iterator[bytes]:
    """Contents of a PDF, unpacked; its fonts say which character each of their signs is."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(packed)
        except zlib.error:
            yield packed


@ON_SQLITE
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_form_shows_offers_by_itself_and_sends_on_every_screen(
    request: pytest.FixtureRequest, screen: str, town: tuple[str, str]
) -> None:
    browser: Chrome = request.getfixturevalue(screen)
    address, task = town
    wait = WebDriverWait(browser, 60)
    for lang in ("zh", "en"):
        for name, path in (("list", ""), ("form", "/new"), ("one", f"/{task}")):
            browser.get(f"{address}/referrals{path}?lang={lang}")
            content, window = widths(browser)
            assert content <= window, (name, lang)
            shot(browser, f"{name}-{screen}-{lang}")
        browser.get(f"{address}/referrals/{task}/slip?lang={lang}")
        shot(browser, f"slip-{screen}-{lang}")

    browser.get(f"{address}/referrals/new?lang=en")
    at = build.place(2, 1)
    for name, value in {
        "person.name": "李建国",
        "person.resident_number": "990101193810011241",
        "person.longitude": at.lon,
        "person.latitude": at.lat,
        "diagnosis": "脑梗死恢复期",
        "diagnosis_code": "I63.9",
        "summary": "病情稳定",
    }.items():
        browser.find_element(By.NAME, name).send_keys(str(value))
    choice = browser.find_element(By.CSS_SELECTOR, "[name=receiver][value=centre]")
    browser.execute_script("arguments[0].click()", choice)
    wait.until(until.text_to_be_present_in_element((By.ID, "preview"), "All visits fit from"))
    shot(browser, f"preview-{screen}-en")
    content, window = widths(browser)
    assert content <= window
    send = browser.find_element(By.CSS_SELECTOR, "button[value=send]")
    browser.execute_script("arguments[0].click()", send)
    wait.until(until.url_matches(r"/referrals/[0-9a-f-]{36}"))
    assert "李建国" in browser.find_element(By.TAG_NAME, "h1").text
