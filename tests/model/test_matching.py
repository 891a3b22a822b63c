"""Graded matching of records of the register."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.model.identifiers import synthetic_resident_id
from carecoord.model.ids import ElderId
from carecoord.model.matching import (
    Person,
    compare,
    matches,
    plain_address,
    plain_name,
    plain_phone,
    resident_numbers,
)
from tests import build

RULES = build.rules()
BIRTH = date(1938, 4, 17)


def number(sequence: int = 3) -> str:
    return synthetic_resident_id("990101", BIRTH, sequence, "female")


def person(id: str = "a", **more: Any) -> Person:  # noqa: A002
    known: dict[str, Any] = {
        "name": "王秀英",
        "gender": "female",
        "birth": BIRTH,
        "phones": ("19900001111",),
        "address": "松鹤社区春晖里3栋2单元501室",
    }
    return Person(ElderId(id), **(known | more))


def grade(**other: Any) -> str | None:
    found = compare(person("a"), person("b", **other), RULES)
    return found.grade if found else None


def test_the_same_identity_number_is_certain_whatever_else_differs() -> None:
    old = number()[:6] + number()[8:17]
    found = compare(
        person("a", residents=(number().lower(),)),
        person("b", name="李四", birth=None, phones=(), address="", residents=(old,)),
        RULES,
    )

    assert found is not None
    assert (found.grade, found.score) == ("certain", 100)


def test_two_valid_numbers_that_differ_are_two_persons_even_twins() -> None:
    twins = compare(
        person("a", residents=(number(3),)),
        person("b", name="王秀兰", residents=(number(4),)),
        RULES,
    )

    assert twins is None


def test_a_number_with_a_wrong_check_digit_says_nothing() -> None:
    wrong = number()[:17] + ("0" if number()[17] != "0" else "1")

    assert resident_numbers([wrong, "12", "x" * 18]) == frozenset()
    assert compare(
        person("a", residents=(number(),)), person("b", residents=(wrong,)), RULES
    ) == compare(person("a"), person("b"), RULES)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, "probable"),
        ({"phones": ("+86 199-0000-1111",)}, "probable"),
        ({"address": "松鹤社区春晖里三栋二单元五〇一"}, "probable"),
        ({"phones": (), "address": "松鹤社区春晖里3号楼2单元501"}, "probable"),
        ({"birth": date(1938, 4, 18)}, "probable"),
        ({"name": "王秀瑛"}, "possible"),
        ({"address": "永安社区人民路9号"}, "possible"),
        ({"phones": ("19900002222",), "address": "永安社区人民路9号"}, None),
        ({"phones": (), "address": ""}, None),
        ({"name": "张桂兰"}, None),
        ({"birth": date(1961, 9, 2)}, None),
        ({"gender": "male"}, None),
        ({"birth": None}, None),
    ],
)
def test_what_two_records_agree_in_decides_the_grade(
    other: dict[str, Any], expected: str | None
) -> None:
    assert grade(**other) == expected


def test_exchanged_day_and_month_are_near_and_another_year_is_not() -> None:
    base = person("a", birth=date(1938, 4, 7))
    swapped = compare(base, person("b", birth=date(1938, 7, 4)), RULES)
    other = compare(base, person("b", birth=date(1951, 8, 30)), RULES)

    assert swapped is not None
    assert swapped.agreed["birth"] == RULES.number("detect.person.birth_near_percent")
    assert other is None


def test_a_match_names_the_rows_that_decided() -> None:
    found = compare(person("a"), person("b"), RULES)

    assert found is not None
    assert {ref.rule_id for ref in found.refs} >= {
        "detect.person.weights",
        "detect.person.grades",
    }


def test_a_telephone_shared_by_a_whole_home_brings_no_pairs_of_strangers() -> None:
    names = [chr(0x4E00 + 7 * k) + chr(0x5E00 + 11 * k) for k in range(60)]
    home = [
        person(f"p{k:02d}", name=name, birth=date(1930, 1, 1).replace(year=1930 + k % 40))
        for k, name in enumerate(names)
    ]

    assert matches(home, RULES) == []


def test_only_pairs_with_one_record_are_given_when_asked() -> None:
    people = [person("a"), person("b"), person("c")]

    assert len(matches(people, RULES)) == 3
    assert {m.first for m in matches(people, RULES, of=ElderId("c"))} == {"a", "b"}


records = st.builds(
    person,
    st.sampled_from("abc"),
    name=st.text("王李秀英兰瑛", min_size=0, max_size=4),
    birth=st.dates(date(1930, 1, 1), date(1930, 3, 1)) | st.none(),
    phones=st.lists(st.sampled_from(("19900001111", "19900002222")), max_size=2).map(tuple),
    address=st.text("春晖里123栋单元室", max_size=12),
    gender=st.sampled_from(("female", "male", "unknown")),
    residents=st.sampled_from(((), (number(1),), (number(2),), ("bad",))),
)


@given(records, records)
@settings(max_examples=50, deadline=None)
def test_comparing_is_symmetric_and_scores_stay_in_percent(a: Person, b: Person) -> None:
    there, back = compare(a, b, RULES), compare(b, a, RULES)

    assert there == back
    if there is not None:
        assert 0 <= there.score <= 100
        assert all(0 <= value <= 100 for value in there.agreed.values())


@given(st.text(max_size=20))
@settings(max_examples=50, deadline=None)
def test_plain_forms_are_stable(text: str) -> None:
    for plain in (plain_name, plain_phone, plain_address):
        assert plain(plain(text)) == plain(text)
