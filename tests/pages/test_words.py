"""What pages say, in both languages."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

import api.pages
from api.pages.rules import FIELDS
from api.pages.words import Words
from carecoord.errors import Category
from carecoord.model.policy import Mark
from carecoord.model.staff import Role, TravelMode
from carecoord.packs.load import load
from carecoord.text.catalogue import LANGUAGES, Language, entries

ZH, EN = Words("zh_CN"), Words("en")
FOLDER = Path(api.pages.__file__).parent
# Codes that a page completes from a value: the values are in the product's own types.
OPEN = {
    "page.role.": tuple(Role),
    "page.mode.": get_args(TravelMode),
    "page.sheet.travel.": get_args(TravelMode),
    "page.error.": get_args(Category),
    "page.state.": ("empty", "draft", "published"),
    "page.gender.": ("male", "female"),
    "page.programme.": ("home-hospital-bed", "family-bed", "ltci"),
    "page.field.": FIELDS,
    "page.mark.": tuple(mark.name.lower() for mark in Mark),
    "page.unit.": tuple({row.unit for row in load().rows if row.unit}),
}


def sources() -> str:
    """Templates and modules of the pages in one text."""
    return "".join(
        path.read_text(encoding="utf-8")
        for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]
    )


def open_lists() -> tuple[str, ...]:
    """Beginnings of the codes that `Words.named` completes from a list that others extend."""
    return tuple(f"page.{kind}." for kind in re.findall(r'named\("([a-z.]+)"', sources()))


def used() -> set[str]:
    """Every message code that a template or module of the pages names."""
    named = set(re.findall(r'"(page\.[a-z0-9._-]+[a-z0-9])"', sources()))
    return named | {prefix + value for prefix, values in OPEN.items() for value in values}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_pages_exists(language: Language) -> None:
    assert used() - set(entries(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_the_pages_is_left_over(language: Language) -> None:
    own = {code for code in entries(language) if code.startswith("page.")}

    assert {code for code in own - used() if not code.startswith(open_lists())} == set()


def test_both_languages_use_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    zh, en = entries("zh_CN"), entries("en")
    assert [code for code in used() if facts(zh[code]) != facts(en[code])] == []


def test_a_time_after_midnight_says_so() -> None:
    assert (ZH.clock(8 * 3600 + 300), ZH.clock(26 * 3600)) == ("08:05", "次日 02:00")
    assert EN.clock(26 * 3600) == "02:00 next day"


@pytest.mark.parametrize(
    ("seconds", "zh"),
    [(0, "0 分钟"), (20, "1 分钟"), (90 * 60, "1 小时 30 分"), (7200, "2 小时"), (3599, "1 小时")],
)
def test_durations_are_rounded_to_minutes(seconds: int, zh: str) -> None:
    assert ZH.duration(seconds) == zh


def test_days_carry_their_weekday() -> None:
    assert ZH.day(date(2026, 3, 5)) == "2026年3月5日 星期四"
    assert EN.day(date(2026, 3, 5)) == "Thursday 5 March 2026"


def test_an_item_without_a_name_shows_another_language_or_its_number() -> None:
    names = {"5": {"zh_CN": "温水擦浴", "en": "Sponge bath"}, "6": {"zh_CN": "沐浴"}}

    assert EN.items(("5", "6", "7"), names) == ("Sponge bath", "沐浴", "7")


def test_age_counts_birthdays() -> None:
    born = date(1940, 3, 6)

    assert ZH.person("female", born, date(2026, 3, 5)) == "女、85 岁"
    assert ZH.person("female", born, date(2026, 3, 6)) == "女、86 岁"
    assert ZH.person("unknown", None, date(2026, 3, 6)) == ""


def test_only_upper_floors_mention_a_lift() -> None:
    assert ZH.home(1, lift=False) == ZH.home(0, lift=True) == "一楼"
    assert "无电梯" in ZH.home(4, lift=False)
    assert "有电梯" in ZH.home(4, lift=True)


def test_an_unknown_programme_is_shown_as_it_is() -> None:
    assert ZH.named("programme", "new-fund") == "new-fund"
