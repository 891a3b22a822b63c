"""Check digits, conversion of old numbers, and synthetic numbers that hit nobody."""

from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model import identifiers
from carecoord.model.identifiers import from_15, resident_id, synthetic_resident_id, uscc

VALID = [
    ("11010519491231002X", date(1949, 12, 31), "female", False),
    ("990101194001010016", date(1940, 1, 1), "male", True),
    ("990101193810011241", date(1938, 10, 1), "female", True),
    ("990102194512310033", date(1945, 12, 31), "male", True),
]
births = st.dates(date(1900, 1, 1), date(2026, 12, 31))
sequences = st.integers(0, 499)
sexes: st.SearchStrategy[Literal["male", "female"]] = st.sampled_from(["male", "female"])
alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(("number", "birth", "sex", "synthetic"), VALID)
def test_a_valid_resident_id_gives_birth_and_sex(
    number: str, birth: date, sex: str, synthetic: bool
) -> None:
    read = resident_id(number)

    assert (read.birth, read.sex, read.synthetic) == (birth, sex, synthetic)


def test_a_small_x_and_spaces_are_accepted() -> None:
    assert resident_id(" 11010519491231002x ").number == "11010519491231002X"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "identifier.check"),
        ("11010519491331002X", "identifier.birth"),
        ("11010519490229002X", "identifier.birth"),
        ("1101051949123100X", "identifier.length"),
        ("1101O519491231002X", "identifier.character"),
        ("１１010519491231002X", "identifier.character"),
        ("", "identifier.length"),
    ],
)
def test_a_faulty_resident_id_is_refused_without_showing_it(number: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        resident_id(number)

    assert caught.value.code == code
    assert not number or number not in str(caught.value)


@given(births, sequences, sexes, st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_is_always_noticed(
    birth: date, sequence: int, sex: Literal["male", "female"], at: int, shift: int
) -> None:
    number = synthetic_resident_id("990101", birth, sequence, sex)
    changed = number[:at] + str((int(number[at]) + shift) % 10) + number[at + 1 :]

    with pytest.raises(Invalid):
        resident_id(changed)


@given(births, sequences, sexes)
def test_a_synthetic_id_reads_back_and_is_nobodys(
    birth: date, sequence: int, sex: Literal["male", "female"]
) -> None:
    read = resident_id(synthetic_resident_id("990102", birth, sequence, sex))

    assert (read.birth, read.sex, read.synthetic) == (birth, sex, True)


def test_different_sequences_and_sexes_give_different_ids() -> None:
    made = {
        synthetic_resident_id("990101", date(1940, 1, 1), n, sex)
        for n in range(500)
        for sex in ("male", "female")
    }

    assert len(made) == 1000


@pytest.mark.parametrize("region", ["110105", "310106", "830000", "931000", "911234"])
def test_no_id_is_made_in_an_assigned_region(region: str) -> None:
    with pytest.raises(Invalid) as caught:
        synthetic_resident_id(region, date(1940, 1, 1), 0, "male")
    with pytest.raises(Invalid):
        identifiers.synthetic_uscc(region, "MA0000001")

    assert caught.value.code == "identifier.region_assigned"


@pytest.mark.parametrize("sequence", [-1, 500])
def test_a_sequence_beyond_one_birthday_is_refused(sequence: int) -> None:
    with pytest.raises(Invalid) as caught:
        synthetic_resident_id("990101", date(1940, 1, 1), sequence, "male")

    assert caught.value.code == "identifier.sequence"


def test_a_15_digit_number_gains_its_century_and_check_digit() -> None:
    assert from_15("110105491231002") == "11010519491231002X"


@given(st.dates(date(1900, 1, 1), date(1999, 12, 31)), sequences, sexes)
def test_conversion_of_an_old_number_gives_the_new_one(
    birth: date, sequence: int, sex: Literal["male", "female"]
) -> None:
    new = synthetic_resident_id("990101", birth, sequence, sex)

    assert from_15(new[:6] + new[8:17]) == new


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("11010549123100", "identifier.length"),
        ("110105491331002", "identifier.birth"),
        ("11010549123100X", "identifier.character"),
    ],
)
def test_a_faulty_15_digit_number_is_refused(number: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        from_15(number)

    assert caught.value.code == code


def test_a_valid_uscc_is_returned_in_capitals() -> None:
    assert uscc("91350100m000100y43") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("91350100M000100Y44", "identifier.check"),
        ("91350100M000100I43", "identifier.character"),
        ("91350100M000100Y4", "identifier.length"),
    ],
)
def test_a_faulty_uscc_is_refused(code: str, error: str) -> None:
    with pytest.raises(Invalid) as caught:
        uscc(code)

    assert caught.value.code == error


@given(st.text(alphabet, min_size=9, max_size=9), st.integers(0, 17), st.integers(1, 30))
def test_one_changed_character_of_a_uscc_is_always_noticed(body: str, at: int, shift: int) -> None:
    code = identifiers.synthetic_uscc("990101", body)
    assert uscc(code) == code
    other = alphabet[(alphabet.index(code[at]) + shift) % 31]

    with pytest.raises(Invalid):
        uscc(code[:at] + other + code[at + 1 :])


def test_an_archive_number_falls_into_its_parts() -> None:
    assert identifiers.archive_number("99010100100200003") == ("990101", "001", "002", "00003")
    with pytest.raises(Invalid):
        identifiers.archive_number("9901010010020003")
