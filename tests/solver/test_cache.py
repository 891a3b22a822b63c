"""Compiled code is never older than any source it was made from."""

from __future__ import annotations

from pathlib import Path

from solver.kernels import drop_stale_code


def test_a_change_in_one_file_empties_the_cache_of_all(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1")
    (tmp_path / "two.py").write_text("b = 1")
    assert drop_stale_code(tmp_path)
    compiled = tmp_path / "__pycache__" / "two.nbc"
    compiled.write_bytes(b"old")

    assert not drop_stale_code(tmp_path)
    assert compiled.exists()
    (tmp_path / "one.py").write_text("a = 2")
    assert drop_stale_code(tmp_path)
    assert not compiled.exists()
