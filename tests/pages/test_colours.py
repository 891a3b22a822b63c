"""Text stays readable: WCAG 2.2 contrast of the colours that pages use together."""

import re
from pathlib import Path

import pytest

import api.pages
from api.pages.lanes import COLOURS

SHEET = (Path(api.pages.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
VALUES = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", SHEET))
TOGETHER = [
    *((f"route-{number}", "paper") for number in range(COLOURS)),
    *(("soft", ground) for ground in ("paper", "ground", "accent-soft", "hair")),
    *(("ink", ground) for ground in ("paper", "ground", "hair")),
    *((name, f"{name}-soft") for name in ("good", "warn", "bad", "accent")),
    *((name, "paper") for name in ("accent", "bad", "good", "focus")),
]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("text", "ground"), TOGETHER)
def test_text_stands_out_from_its_ground(text: str, ground: str) -> None:
    low, high = sorted((luminance(VALUES[text]), luminance(VALUES[ground])))

    assert (high + 0.05) / (low + 0.05) >= 4.5
