"""The tutorial in docs/solver.md runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_example_of_the_tutorial_runs() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "solver.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) >= 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/solver.md", "exec"), names)
