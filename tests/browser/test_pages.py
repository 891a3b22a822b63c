"""Every page in a real browser: quiet console, fits a phone, readable, touchable."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

BOARD = "/streets/110108022/days/2026-03-05"
DRAFT = "/streets/110108022/days/2026-03-06"
PAGES = {
    "streets": "/?list=1",
    "board": BOARD,
    "draft": DRAFT,
    "selected": BOARD + "?staff=staff-2",
    "repair": BOARD + "/repair",
    "sheet": BOARD + "/staff/staff-2",
    "draft sheet": DRAFT + "/staff/staff-2",
    "unplanned": "/streets/110108022/days/2026-03-07",
    "rules": "/rules?day=2026-03-05&jurisdiction=310106007",
    "rule": "/rules/ltci.price.caregiver",
    "profiles": "/profiles",
    "error": BOARD + "/staff/ghost",
}


def show(browser: Chrome, server: str, address: str, lang: str) -> None:
    browser.get(f"{server}{address}{'&' if '?' in address else '?'}lang={lang}")
    WebDriverWait(browser, 20).until(
        lambda b: b.execute_script("return document.readyState") == "complete"
    )


def log(browser: Chrome) -> list[str]:
    """What the browser complained about since the last look."""
    entries = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [str(entry["message"]) for entry in entries]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_its_own_content_policy(desktop: Chrome, server: str, page: str) -> None:
    log(desktop)

    show(desktop, server, PAGES[page], "zh-CN")

    expected = "404" if page == "error" else "nothing"
    assert [text for text in log(desktop) if expected not in text] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("narrow", [390, 320], indirect=True)
def test_no_page_scrolls_sideways_on_a_phone(
    narrow: Chrome, server: str, page: str, lang: str
) -> None:
    show(narrow, server, PAGES[page], lang)

    seen, needed = narrow.execute_script(
        "return [document.documentElement.clientWidth, document.documentElement.scrollWidth]"
    )
    assert seen in (390, 320)
    assert needed <= seen


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_everything_to_touch_on_a_route_sheet_is_large_enough(
    phone: Chrome, server: str, lang: str
) -> None:
    show(phone, server, PAGES["sheet"], lang)

    targets = phone.find_elements(By.CSS_SELECTOR, "main a, main button, header.bar a")
    sizes = [one.size for one in targets if one.is_displayed()]

    assert len(sizes) > 6
    assert [one for one in sizes if one["width"] < 44 or one["height"] < 44] == []


def test_what_must_be_read_on_a_route_sheet_is_large(phone: Chrome, server: str) -> None:
    show(phone, server, PAGES["sheet"], "zh-CN")
    small = """return [...document.querySelectorAll('main .call *, main .way, main .rest')]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
      .filter((e) => e.checkVisibility())
      .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 18)
      .map((e) => e.className + ': ' + e.textContent)"""

    assert phone.execute_script(small) == []


def test_a_route_sheet_shows_its_map_with_every_call(phone: Chrome, server: str) -> None:
    show(phone, server, PAGES["sheet"], "zh-CN")

    calls = len(phone.find_elements(By.CSS_SELECTOR, "li.call"))

    assert calls > 3
    assert len(phone.find_elements(By.CSS_SELECTOR, ".map .no")) == calls


def test_one_finger_on_the_map_of_a_phone_still_scrolls_the_page(
    phone: Chrome, server: str
) -> None:
    show(phone, server, PAGES["sheet"], "zh-CN")

    action = phone.execute_script(
        "return getComputedStyle(document.querySelector('.map')).touchAction"
    )

    assert "pan-y" in action or action == "auto"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_paper_has_lines_to_write_on_and_a_code_but_nothing_to_press(
    desktop: Chrome, server: str, lang: str
) -> None:
    show(desktop, server, PAGES["sheet"], lang)
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        seen = {
            name: [e.is_displayed() for e in desktop.find_elements(By.CSS_SELECTOR, selector)]
            for name, selector in {
                "write": ".write",
                "code": ".code svg",
                "press": ".button",
                "map": ".map",
            }.items()
        }
    finally:
        desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    assert all(seen["write"]) and len(seen["write"]) > 3
    assert seen["code"] == [True]
    assert not any(seen["press"] + seen["map"])
