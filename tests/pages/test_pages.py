"""Whole pages over HTTP."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from api.pages.links import Links
from api.pages.streets import short_cut
from carecoord.model.board import DayBoard, StreetDays
from carecoord.model.ids import StreetId

from . import build
from .serve import application

BOARD = "/streets/110108022/days/2026-03-05"
SHEET = BOARD + "/staff/staff-1"
EVERY = ("/?list=1", BOARD, SHEET, "/streets/110108022/days/2026-03-07", "/streets/1/days/x")
HOSTILE = """</script><script>alert(1)</script>"'<img src=x onerror=alert(2)>&amp;"""
VOID = {"meta", "link", "input", "img", "br"}


class Tree(HTMLParser):
    """Elements with their attributes; complains about what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def client(day: DayBoard | None = None) -> TestClient:
    return TestClient(application(day), follow_redirects=False)


def hostile() -> DayBoard:
    """The small day, every text of it an attack."""
    day = build.small()
    route = day.routes[0]
    attacked = replace(
        route.visits[0],
        elder_name=HOSTILE,
        address=HOSTILE,
        note=HOSTILE,
        phone=HOSTILE,
        partner=HOSTILE,
        items=(HOSTILE,),
        programmes=(HOSTILE,),
    )
    return replace(
        day,
        street_name=HOSTILE,
        attribution=HOSTILE,
        routes=(
            replace(
                route, name=HOSTILE, organization=HOSTILE, visits=(attacked, *route.visits[1:])
            ),
        ),
        unserved=(
            replace(
                day.unserved[0],
                elder_name=HOSTILE,
                address=HOSTILE,
                code=HOSTILE,
                facts={"why": HOSTILE},
            ),
        ),
        catalogue={HOSTILE: {"zh_CN": HOSTILE}},
    )


@pytest.mark.parametrize("address", EVERY)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_page_is_well_formed_and_speaks_the_language_asked_for(
    address: str, lang: str
) -> None:
    answer = client().get(address, params={"lang": lang, "list": "1"})
    tree = Tree(answer.text)

    assert dict(tree.found)["html"]["lang"] == lang
    assert ("跳到主要内容" in answer.text) == (lang == "zh-CN")
    assert len([tag for tag, _ in tree.found if tag == "h1"]) <= 1
    names = [attrs["id"] for _, attrs in tree.found if "id" in attrs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", EVERY)
def test_no_page_carries_scripts_styles_or_handlers_of_its_own(address: str) -> None:
    answer = client().get(address)

    for tag, attrs in Tree(answer.text).found:
        assert tag != "style"
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        if tag == "script":
            assert attrs.get("type") == "application/json" or attrs["src"].startswith("/static/")
        for link in ("src", "href"):
            assert not attrs.get(link, "").startswith(("http:", "https:", "//"))


@pytest.mark.parametrize("address", [*EVERY, "/streets/110108022/network.geojson", "/"])
def test_every_answer_forbids_foreign_content(address: str) -> None:
    headers = client().get(address).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("address", [BOARD, SHEET])
def test_hostile_names_stay_text(address: str) -> None:
    answer = client(hostile()).get(address)
    tree = Tree(answer.text)

    assert answer.status_code == 200
    # The board has one script of its own and one for its history.
    assert answer.text.count("<script") == (3 if address == BOARD else 2)
    assert not [attrs for tag, attrs in tree.found if attrs.get("src") == "x"]
    (data,) = re.findall(r'id="data">(.*?)</script>', answer.text, re.DOTALL)
    assert json.loads(data)["routes"][0]["name"] == HOSTILE


def test_hostile_filters_stay_text() -> None:
    answer = client().get(BOARD, params={"org": HOSTILE, "staff": HOSTILE, "lang": HOSTILE})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_language_follows_the_browser_and_the_link_to_the_other_keeps_the_page() -> None:
    speaks = {"accept-language": "en-GB,zh;q=0.5"}
    answer = client().get(BOARD + "?staff=staff-1", headers=speaks)

    assert 'lang="en"' in answer.text
    assert f'href="{BOARD}?staff=staff-1&amp;lang=zh-CN"' in answer.text


def test_a_chosen_language_goes_along_to_the_route_sheet() -> None:
    assert f'href="{SHEET}?lang=en"' in client().get(BOARD + "?lang=en").text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/streets/999999999/days/2026-03-05", "999999999"),
        ("/streets/110108022/days/soon", "2026-03-05"),
        (BOARD + "/staff/ghost", "ghost"),
    ],
)
def test_what_does_not_exist_is_a_page_that_says_what_and_where_next(
    address: str, says: str
) -> None:
    answer = client().get(address + "?lang=en")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert says in answer.text
    assert 'href="/?list=1&amp;lang=en"' in answer.text


def test_the_only_street_leads_straight_to_its_next_planned_day() -> None:
    days = build.streets()
    other = StreetDays(StreetId("110108023"), "上地街道", ())

    assert short_cut(days, Links(), date(2026, 3, 1)) == BOARD
    assert short_cut(days, Links(), date(2026, 3, 6)).endswith("2026-03-06")
    assert short_cut(days, Links(), date(2027, 1, 1)).endswith("2026-03-06")
    assert short_cut((*days, other), Links(), date(2026, 3, 1)) == ""
    assert short_cut((other,), Links(), date(2026, 3, 1)) == ""
    assert client().get("/").status_code == 303


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_an_empty_installation_says_the_next_step(lang: str) -> None:
    answer = TestClient(application(streets=())).get("/", params={"lang": lang})

    assert "carecoord demo" in answer.text


def test_an_unplanned_day_says_the_next_step() -> None:
    answer = client().get("/streets/110108022/days/2026-03-07")

    assert "carecoord plan 110108022 2026-03-07" in answer.text


def test_estimated_times_are_marked_on_board_and_sheet() -> None:
    for address in (BOARD, SHEET):
        assert "估算" not in client().get(address, params={"lang": "zh-CN"}).text
        draft = address.replace("03-05", "03-06")
        assert "估算" in client().get(draft, params={"lang": "zh-CN"}).text


def test_a_draft_sheet_warns_that_it_may_change() -> None:
    draft = client().get(SHEET.replace("03-05", "03-06") + "?lang=en").text

    assert "may still change" in draft
    assert "may still change" not in client().get(SHEET + "?lang=en").text


def test_map_data_always_names_its_source() -> None:
    for address in (BOARD, SHEET):
        assert "© OpenStreetMap contributors" in client().get(address).text


def test_the_network_is_geojson_that_the_browser_may_keep() -> None:
    answer = client().get("/streets/110108022/network.geojson")

    assert answer.headers["content-type"] == "application/geo+json"
    assert "max-age" in answer.headers["cache-control"]
    assert answer.json()["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    "file",
    [
        "pages/board.js",
        "pages/map.js",
        "pages/board.css",
        "pages/mark.svg",
        "leaflet/leaflet-src.esm.js",
        "leaflet/leaflet.css",
    ],
)
def test_everything_a_page_loads_comes_from_this_server(file: str) -> None:
    answer = client().get(f"/static/{file}")

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
