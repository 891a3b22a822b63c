"""Travel times kept on disk."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carecoord.errors import Invalid
from carecoord.streets import EBIKE, WALK, Network, Travel
from tests.streets.town import POINTS, load, place

# The island and a place far from the street: problems are kept too.
PLACES = [place(250, 10), place(750, 290), place(1500, 150), place(0, -170)]


@pytest.fixture
def town(tmp_path: Path) -> Network:
    return load(tmp_path)


def same(one: Travel, two: Travel) -> bool:
    return (
        np.array_equal(one.seconds, two.seconds)
        and np.array_equal(one.metres, two.metres)
        and np.array_equal(one.snap_metres, two.snap_metres)
        and (one.mode, one.problems, one.estimated, one.attribution)
        == (two.mode, two.problems, two.estimated, two.attribution)
    )


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


def test_what_comes_from_the_cache_equals_what_was_searched(town: Network, tmp_path: Path) -> None:
    fresh = town.travel(PLACES, EBIKE)
    first = town.travel(PLACES, EBIKE, tmp_path / "new" / "cache")
    (file,) = files(tmp_path / "new" / "cache")
    written = file.read_bytes()
    second = town.travel(PLACES, EBIKE, tmp_path / "new" / "cache")

    assert same(fresh, first)
    assert same(first, second)
    assert second.seconds.dtype == second.metres.dtype == np.int32
    assert file.read_bytes() == written
    assert len(second.problems) == 2


def test_the_cache_is_really_read(town: Network, tmp_path: Path) -> None:
    town.travel(PLACES, WALK, tmp_path / "cache")
    town.travel(PLACES[:3][::-1], WALK, tmp_path / "cache")
    one, two = files(tmp_path / "cache")
    one.replace(two)

    sizes = {len(town.travel(PLACES, WALK, tmp_path / "cache").seconds),
             len(town.travel(PLACES[:3][::-1], WALK, tmp_path / "cache").seconds)}  # fmt: skip
    # Whichever file was overwritten now answers with the other's matrix.
    assert len(sizes) == 1


def test_other_places_mode_profile_or_streets_have_their_own_file(
    town: Network, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    other = load(tmp_path, {**POINTS, "F": (1001, 300)})
    town.travel(PLACES, WALK, cache)
    town.travel(PLACES[::-1], WALK, cache)
    town.travel(PLACES, EBIKE, cache)
    town.travel(PLACES, replace(WALK, direct=4.0), cache)
    other.travel(PLACES, WALK, cache)

    assert len(files(cache)) == 5


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"\x00" * 4000])
def test_a_damaged_file_is_computed_again(town: Network, tmp_path: Path, damage: bytes) -> None:
    first = town.travel(PLACES, WALK, tmp_path / "cache")
    (file,) = files(tmp_path / "cache")
    file.write_bytes(damage)

    assert same(first, town.travel(PLACES, WALK, tmp_path / "cache"))
    assert same(first, town.travel(PLACES, WALK, tmp_path / "cache"))
    assert file.stat().st_size > 1000


def test_a_truncated_file_is_computed_again(town: Network, tmp_path: Path) -> None:
    first = town.travel(PLACES, WALK, tmp_path / "cache")
    (file,) = files(tmp_path / "cache")
    whole = file.read_bytes()
    for size in range(0, len(whole), 97):
        file.write_bytes(whole[:size])
        assert same(first, town.travel(PLACES, WALK, tmp_path / "cache"))


def test_an_unusable_cache_directory_is_named(town: Network, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    with pytest.raises(Invalid) as caught:
        town.travel(PLACES, WALK, blocked)

    assert (caught.value.code, caught.value.field) == ("travel.cache_dir", "cache_dir")


def test_old_files_make_room_for_new_ones(town: Network, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for east in range(40):
        town.travel([place(east, 0), place(900, 0)], WALK, cache)
    kept = files(cache)
    town.travel([place(39, 0), place(900, 0)], WALK, cache)

    assert len(kept) == 32
    assert files(cache) == kept
