"""The national list of 36 items comes from a file; its names and codes are never ours."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from carecoord.errors import Missing
from carecoord.fhir import plans
from carecoord.model.staff import Level
from carecoord.packs.load import check_file, load
from carecoord.planning import figures
from tests.build import TIMES, care_plan, detail

DAY = date(2026, 3, 5)
CATEGORIES = (
    *(["dietary", "excretion", "cleaning", "dressing", "functional"] * 4),
    *(["general_exam", "basic", "specialised", "rehabilitation"] * 4),
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A made-up file in the form of the national list: 20 of daily care, 16 of medical care."""
    rows = "\n".join(
        f'  {{ rule_id = "catalogue.item.{200 + k}", mark = "V", zh = "虚构项目{k}", '
        f'en = "Made-up item {k}", value = {{ category = "{category}", '
        f'by = "{"C" if k <= 20 else "N"}", minutes = {10 + k}, order = {str(k > 20).lower()}, '
        f'item_code = "M{k:04d}", content = "虚构内容", points = {k}.5, '
        'payers = ["ltci", "self"] } },'
        for k, category in enumerate(CATEGORIES, 1)
    )
    file = tmp_path / "national-36.toml"
    file.write_text(
        'format = 1\npack = "national-36"\njurisdiction = "CN"\nzh = "虚构目录"\n'
        'en = "Made-up list"\n\n[[document]]\ndoc_no = "made up"\ntitle = "36 items"\n'
        f"valid_from = 2025-09-01\nrule = [\n{rows}\n]\n",
        encoding="utf-8",
    )
    return file


def test_a_file_with_thirty_six_items_is_found_right(pack: Path) -> None:
    assert [f for f in check_file(pack) if f.severity == "error"] == []


def test_the_items_stand_beside_the_seeded_ones_and_can_be_planned(pack: Path) -> None:
    rules = load(pack).on(DAY, "CN")
    catalogue = rules.catalogue()
    added = [item for item in catalogue if 201 <= item.number <= 236]

    found, problems = plans.plan(
        care_plan("p", "e1", detail("201"), detail("236")),
        catalogue,
        figures.day_times(rules),
        {},
    )

    assert len(added) == 36
    assert (added[0].item_code, added[0].content, added[0].points) == (
        "M0001",
        "虚构内容",
        Decimal("1.5"),
    )
    assert len(catalogue) == len(load().on(DAY, "CN").catalogue()) + 36
    assert problems == []
    assert [(t.item, t.level, t.minutes) for t in found.tasks] == [
        ("201", Level.CAREGIVER, 11),
        ("236", Level.NURSE, 46),
    ]


def test_without_the_file_its_items_are_unknown() -> None:
    catalogue = load().on(DAY, "CN").catalogue()

    with pytest.raises(Missing):
        catalogue.item("201")
    _, problems = plans.plan(care_plan("p", "e1", detail("201")), catalogue, TIMES, {})
    assert [p.code for p in problems] == ["plan.activity.no_level"]


def test_before_its_first_day_the_list_is_not_in_force(pack: Path) -> None:
    assert "201" not in load(pack).on(date(2025, 8, 31), "CN").catalogue()


def test_an_installation_names_its_files_in_the_environment(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARECOORD_PACKS", str(pack))
    assert "236" in load().on(DAY, "CN").catalogue()

    monkeypatch.delenv("CARECOORD_PACKS")
    assert "236" not in load().on(DAY, "CN").catalogue()
