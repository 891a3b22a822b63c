"""What docs/packs.md shows works as shown."""

import re
from pathlib import Path

from carecoord.model.policy import Mark
from carecoord.packs.load import BUNDLED, check_file, load

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Fenced examples of one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_pack_of_your_own_has_no_finding(tmp_path: Path) -> None:
    (example,) = blocks("toml")
    path = tmp_path / "suzhou.toml"
    path.write_text(example, encoding="utf-8")

    assert check_file(path) == []
    assert {row.jurisdiction for row in load(path).history("home_bed.round_days")} == {
        "CN",
        "320500",
    }


def test_the_python_example_runs() -> None:
    (example,) = blocks("python")
    exec(compile(example, "docs/packs.md", "exec"), {})


def test_every_bundled_pack_and_every_mark_is_described() -> None:
    for path in BUNDLED.glob("*.toml"):
        assert f"`{path.name}`" in PAGE
    for mark in Mark:
        assert f"| `{mark}` |" in PAGE
