"""Where the public benchmark folders lie; a test that needs one is skipped where there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The benchmarks are scripts beside the packages, not a package that is installed.
sys.path.insert(0, str(ROOT))


def folder(name: str) -> Path:
    """The folder of one family."""
    shared = Path(os.environ.get("CARECOORD_SHARED", ROOT.parent / "shared"))
    found = shared / "benchmarks" / name
    if not found.is_dir():
        pytest.skip("the public data folder is not here")
    return found
