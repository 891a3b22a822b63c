"""What is taken from an OpenStreetMap file, and which files are refused."""

from pathlib import Path

import pytest

from carecoord.errors import CareError
from carecoord.streets import WALK, Network
from tests.streets.town import POINTS, WAYS, extract, load, place, write

HOUSE = {"R": (100, 20), "S": (120, 20), "T": (120, 40), "U": (100, 40)}


def test_a_building_carries_its_middle_and_what_the_map_says(tmp_path: Path) -> None:
    tags = {
        "building": "apartments",
        "building:levels": "6",
        "elevator": "no",
        "addr:street": "南岸路",
        "addr:housenumber": "12",
        "name": "三号楼",
    }
    town = load(tmp_path, {**POINTS, **HOUSE}, [*WAYS, ("R S T U R", tags)])
    (house,) = town.buildings

    middle = place(110, 30)
    assert (house.place.lon, house.place.lat) == pytest.approx((middle.lon, middle.lat), abs=2e-7)
    assert (house.kind, house.levels, house.has_lift) == ("apartments", 6, False)
    assert (house.street, house.housenumber, house.name) == ("南岸路", "12", "三号楼")


@pytest.mark.parametrize(
    ("text", "levels"), [("5.5", 5), ("6;7", 7), ("B1", 1), ("many", None), ("0", None)]
)
def test_levels_are_read_as_whole_storeys(tmp_path: Path, text: str, levels: int | None) -> None:
    outline = ("R S T U R", {"building": "yes", "building:levels": text})
    town = load(tmp_path, {**POINTS, **HOUSE}, [*WAYS, outline])

    assert town.buildings[0].levels == levels
    assert (town.buildings[0].has_lift, town.buildings[0].street) == (None, None)


def test_building_no_is_not_a_building(tmp_path: Path) -> None:
    outline = ("R S T U R", {"building": "no"})

    assert len(load(tmp_path, {**POINTS, **HOUSE}, [*WAYS, outline]).buildings) == 0


def test_a_gap_in_a_cut_way_is_not_bridged(tmp_path: Path) -> None:
    # X is not in the file, as at the edge of an extract.
    town = load(tmp_path, ways=[("A B X D E", {"highway": "residential"})])
    travel = town.travel([place(100, 0), place(400, 0), place(100, 300)], WALK)

    assert travel.metres[0, 1] == pytest.approx(300, abs=1)
    assert [problem.code for problem in travel.problems] == ["place.unreachable"]


def test_bounds_are_those_the_file_declares_or_those_of_its_streets(tmp_path: Path) -> None:
    head = '<bounds minlat="31.19" minlon="120.14" maxlat="31.21" maxlon="120.17"/>'
    declared = Network.load(write(tmp_path / "head.osm", head=head))
    west, south, *_ = load(tmp_path).bounds

    assert declared.bounds == pytest.approx((120.14, 31.19, 120.17, 31.21))
    assert west == pytest.approx(place(0, 0).lon, abs=1e-6)
    assert south == pytest.approx(place(0, -200).lat, abs=1e-6)


def test_osm_data_carries_its_attribution_into_every_matrix(tmp_path: Path) -> None:
    town = load(tmp_path)

    assert town.attribution == "© OpenStreetMap contributors, ODbL 1.0"
    assert town.travel([place(0, 0)], WALK).attribution == town.attribution
    assert town.name == "town.osm"


def test_the_hash_changes_with_the_streets_and_not_with_the_file(tmp_path: Path) -> None:
    town = load(tmp_path)
    again = Network.load(write(tmp_path / "other.osm"))
    renamed = load(tmp_path, ways=[(names, {**tags, "lit": "yes"}) for names, tags in WAYS])
    closed = load(tmp_path, ways=[*WAYS[:-1], ("J K", {"highway": "steps"})])
    moved = load(tmp_path, {**POINTS, "F": (1001, 300)})

    assert town.content_hash == again.content_hash == renamed.content_hash
    assert len({town.content_hash, closed.content_hash, moved.content_hash}) == 3


def test_the_nearest_named_street_serves_as_an_address(tmp_path: Path) -> None:
    town = load(tmp_path)

    assert town.street_near(place(250, 60)) == "南岸路"
    assert town.street_near(place(510, 250)) == "北岸路"
    assert load(tmp_path, ways=[("A B", {"highway": "path"})]).street_near(place(0, 0)) is None


def refused(file: Path) -> tuple[str, str]:
    with pytest.raises(CareError) as caught:
        Network.load(file)
    assert caught.value.facts["path"] == str(file)
    return caught.value.code, caught.value.field


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.osm.pbf") == ("streets.file_missing", "streets")


@pytest.mark.parametrize("name", ["letter.osm.pbf", "letter.osm", "letter.txt", "letter.osm.gz"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("Dear colleagues, ...", encoding="utf-8")

    assert refused(file) == ("streets.file_broken", "streets")


def test_a_truncated_extract_is_refused(tmp_path: Path) -> None:
    whole = extract("beijing-haidian-cau-2026").read_bytes()
    file = tmp_path / "half.osm.pbf"
    file.write_bytes(whole[: len(whole) // 2])

    assert refused(file) == ("streets.file_broken", "streets")


def test_a_file_without_a_street_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "empty.osm", ways=[])) == ("streets.file_empty", "streets")
