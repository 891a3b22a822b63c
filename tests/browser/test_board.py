"""The day board in a real browser."""

from urllib.parse import parse_qs, urlsplit

from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from api.pages.lanes import colours
from carecoord.model.ids import StaffId

from ..pages import build

BOARD = "/streets/110108022/days/2026-03-05"
DAY = build.small()
ROUTES = {route.staff: route for route in DAY.routes}

# The centre of a dot on the canvas of the routes that has a colour, in pixels of the window.
FIND_DOT = """
const [hex] = arguments;
const want = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const canvas = document.querySelector('.leaflet-overlay-pane canvas');
const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
const box = canvas.getBoundingClientRect();
const is = (x, y) => want.every((v, i) => data[4 * (y * width + x) + i] === v);
for (let y = 2; y < canvas.height - 2; y++) for (let x = 2; x < width - 2; x++) {
  if (is(x - 2, y) && is(x + 2, y) && is(x, y - 2) && is(x, y + 2) && is(x, y)) {
    const at = [box.left + x * box.width / width, box.top + y * box.height / canvas.height];
    if (document.elementFromPoint(...at) === canvas) return at.map(Math.round);
  }
}
return null;
"""
SCALE = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()"


def open_board(browser: Chrome, server: str, query: str = "") -> None:
    browser.get(server + BOARD + query)
    WebDriverWait(browser, 20).until(
        lambda b: (
            b.find_elements(By.CSS_SELECTOR, ".map .base-mark")
            and b.find_elements(By.CSS_SELECTOR, ".leaflet-streets-pane canvas")
        )
    )


def row(browser: Chrome, staff: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, f'.lane[data-staff="{staff}"]')


def selected(browser: Chrome) -> list[str | None]:
    rows = browser.find_elements(By.CSS_SELECTOR, ".lane.selected")
    return [one.get_attribute("data-staff") for one in rows]


def numbers(browser: Chrome) -> list[tuple[str, str | None]]:
    """What the map numbers: order and visit."""
    found = browser.find_elements(By.CSS_SELECTOR, ".map .no")
    return [(one.text, one.get_attribute("data-demand")) for one in found]


def expected(staff: str) -> list[tuple[str, str | None]]:
    return [(str(v.order), v.demand) for v in ROUTES[StaffId(staff)].visits]


def test_a_click_on_a_row_brings_its_route_forward_on_the_map(desktop: Chrome, server: str) -> None:
    open_board(desktop, server)
    assert numbers(desktop) == []

    row(desktop, "staff-2").find_element(By.CSS_SELECTOR, "a.who").click()

    assert selected(desktop) == ["staff-2"]
    assert numbers(desktop) == expected("staff-2")
    assert parse_qs(urlsplit(desktop.current_url).query)["staff"] == ["staff-2"]
    lists = desktop.find_elements(By.CSS_SELECTOR, "article.route")
    assert [one.get_attribute("data-staff") for one in lists if one.is_displayed()] == ["staff-2"]


def test_a_second_click_lets_go_again(desktop: Chrome, server: str) -> None:
    open_board(desktop, server, "?staff=staff-2")
    assert numbers(desktop) == expected("staff-2")

    row(desktop, "staff-2").find_element(By.CSS_SELECTOR, "a.who").click()

    assert selected(desktop) == []
    assert numbers(desktop) == []
    assert "staff" not in parse_qs(urlsplit(desktop.current_url).query)


def test_a_click_on_a_place_of_the_map_selects_the_row(desktop: Chrome, server: str) -> None:
    open_board(desktop, server)
    hue = desktop.execute_script(SCALE, f"--route-{colours(DAY.routes)[StaffId('staff-3')]}")
    at = desktop.execute_script(FIND_DOT, hue)
    assert at is not None

    actions = ActionChains(desktop)
    actions.w3c_actions.pointer_action.move_to_location(*at)  # type: ignore[no-untyped-call]
    actions.click().perform()

    WebDriverWait(desktop, 10).until(lambda b: selected(b) == ["staff-3"])
    (chosen,) = desktop.find_elements(By.CSS_SELECTOR, ".visit.chosen")
    demand = chosen.get_attribute("data-demand")
    assert demand in {visit.demand for visit in ROUTES[StaffId("staff-3")].visits}
    (marked,) = desktop.find_elements(By.CSS_SELECTOR, ".map .no.chosen")
    assert marked.get_attribute("data-demand") == demand


def test_the_keyboard_does_what_the_pointer_does(desktop: Chrome, server: str) -> None:
    open_board(desktop, server)
    focus = desktop.find_element(By.CSS_SELECTOR, '[data-lanes] [tabindex="0"]')
    first = focus.find_element(By.XPATH, "./..").get_attribute("data-staff")
    desktop.execute_script("arguments[0].focus()", focus)
    staff = [
        one.get_attribute("data-staff") for one in desktop.find_elements(By.CSS_SELECTOR, ".lane")
    ]

    ActionChains(desktop).send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ENTER).perform()

    after = staff[staff.index(first) + 1]
    assert after is not None
    assert selected(desktop) == [after]
    active = desktop.switch_to.active_element
    assert active.get_attribute("data-demand") == expected(after)[0][1]

    ActionChains(desktop).send_keys(Keys.ESCAPE).perform()

    assert selected(desktop) == []


def test_the_timeline_is_one_stop_for_the_tab_key(desktop: Chrome, server: str) -> None:
    open_board(desktop, server)

    stops = desktop.find_elements(By.CSS_SELECTOR, '[data-lanes] a:not([tabindex="-1"])')

    assert len(stops) == 1


def test_what_a_block_says_fits_into_it_at_every_width(desktop: Chrome, server: str) -> None:
    too_long = """return [...document.querySelectorAll('.visit')].filter((visit) => {
      const room = visit.querySelector('.paper').getBoundingClientRect().right;
      return [...visit.querySelectorAll('text')].some(
        (text) => text.textContent && text.getBoundingClientRect().right > room + 0.5);
    }).length"""
    open_board(desktop, server)
    count = len(desktop.find_elements(By.CSS_SELECTOR, ".visit"))
    assert count == sum(len(route.visits) for route in DAY.routes)

    for _ in range(5):
        assert desktop.execute_script(too_long) == 0
        desktop.find_element(By.CSS_SELECTOR, '[data-do="zoom-in"]').click()
    shown = desktop.find_elements(By.CSS_SELECTOR, ".visit text.name")
    assert {v.elder_name for r in DAY.routes for v in r.visits} <= {one.text for one in shown}


def test_a_filter_shows_its_rows_at_once(desktop: Chrome, server: str) -> None:
    open_board(desktop, server, "?lang=en")
    before = desktop.find_element(By.TAG_NAME, "html")

    option = desktop.find_element(By.CSS_SELECTOR, 'select[name="role"] option[value="doctor"]')
    option.click()

    WebDriverWait(desktop, 10).until(lambda b: b.find_element(By.TAG_NAME, "html") != before)
    query = parse_qs(urlsplit(desktop.current_url).query)
    assert (query["role"], query["lang"]) == (["doctor"], ["en"])
