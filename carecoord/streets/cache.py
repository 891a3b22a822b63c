"""Travel times kept on disk, so that a second plan of the same day does not search again."""

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import numpy as np

from carecoord.errors import Invalid
from carecoord.streets.place import Place
from carecoord.streets.profiles import Mode
from carecoord.streets.travel import PlaceProblem, Travel

# Part of every key: raise it when the same input gives other times.
_VERSION = 1
# Files kept in one directory; a thousand places take 8 MB.
_KEPT = 32


def file_name(places: Sequence[Place], mode: Mode, content_hash: str) -> str:
    """Name of the file for these places, this profile and this street data."""
    sha = hashlib.sha256(json.dumps([_VERSION, content_hash, asdict(mode)]).encode())
    sha.update(np.array([(place.lon, place.lat) for place in places], dtype="<f8").tobytes())
    return f"travel-{mode.name}-{sha.hexdigest()[:40]}.npz"


def load(file: Path, mode: Mode, attribution: str) -> Travel | None:
    """What was saved; None when there is nothing, or nothing readable."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            problems = json.loads(saved["problems"].item())
            return Travel(
                mode=mode.name,
                seconds=saved["seconds"],
                metres=saved["metres"],
                snap_metres=saved["snap_metres"],
                problems=tuple(PlaceProblem(**problem) for problem in problems),
                estimated=False,
                attribution=attribution,
            )
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        # A torn or foreign file only costs the time to compute it again.
        return None


def save(file: Path, travel: Travel) -> None:
    """Write in one step, so that another process never reads half a file.

    Raises
    ------
    Invalid
        `travel.cache_dir`: the directory cannot be written.
    """
    draft = file.with_name(f".{file.stem}-{uuid4().hex}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            draft,
            seconds=travel.seconds,
            metres=travel.metres,
            snap_metres=travel.snap_metres,
            problems=np.array(json.dumps([asdict(problem) for problem in travel.problems])),
        )
        os.replace(draft, file)  # noqa: PTH105  Path.replace hides that this is atomic
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Invalid(
            "travel.cache_dir", field="cache_dir", path=str(file.parent), reason=str(error)
        ) from error
    _drop_oldest(file.parent)


def _drop_oldest(directory: Path) -> None:
    # Another process may drop the same files at the same time.
    with contextlib.suppress(OSError):
        files = sorted(directory.glob("travel-*.npz"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_KEPT]:
            file.unlink(missing_ok=True)
