"""Finding instance files below a folder, reading them, and saying what is wrong with one."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from solver import ProblemError

__all__ = ["BadFile", "find", "load", "name_of", "text_of", "wanted"]

_PACKED = {".xz": lzma.decompress, ".gz": gzip.decompress}
_PLAIN = (".txt", ".json", ".dat", ".vrp")

T = TypeVar("T")


class BadFile(Exception):
    """A file or option nothing can be made of; the message names it and, of a file, the field."""


def text_of(path: Path) -> str:
    """The text of a file, packed (.xz, .gz) or not, whatever ends its lines.

    Raises
    ------
    BadFile
        It cannot be read or is no text.
    """
    try:
        raw = path.read_bytes()
        unpack = _PACKED.get(path.suffix.lower())
        text = (unpack(raw) if unpack else raw).decode("utf-8-sig")
    except (OSError, lzma.LZMAError, EOFError, UnicodeDecodeError) as fault:
        raise BadFile(f"{path}: cannot be read: {fault}") from fault
    return text.replace("\r\n", "\n").replace("\r", "\n")


def name_of(path: Path) -> str:
    """File name without the endings of packing and format."""
    name = path.name
    for endings in (tuple(_PACKED), _PLAIN):
        for ending in endings:
            if name.lower().endswith(ending):
                name = name[: -len(ending)]
                break
    return name


def wanted(name: str, globs: str) -> bool:
    """Whether one of the comma separated globs means this name, large and small letters alike."""
    return any(fnmatchcase(name.lower(), glob.strip().lower()) for glob in globs.split(","))


def find(folder: Path | None, globs: str, *, deep: bool = False) -> list[Path]:
    """Instance files of a folder laid out like the public ones, in order of their names.

    They stand in its `instances`, or right in it; with `deep` in any folder below it, and then
    `solomon/R1*` asks for a folder, too.

    Raises
    ------
    BadFile
        There is no such folder, or nothing in it has such a name.
    """
    if folder is None or not folder.is_dir():
        raise BadFile(f"{folder}: no such folder (--data)")
    inside = folder / "instances" if (folder / "instances").is_dir() else folder
    paths = inside.rglob("*") if deep else inside.iterdir()
    files = sorted(p for p in paths if p.is_file() and _instance(p.relative_to(folder), deep=deep))
    found = [
        path
        for path in files
        if wanted(name_of(path), globs)
        or wanted(f"{path.parent.relative_to(folder)}/{name_of(path)}", globs)
    ]
    if not found:
        raise BadFile(f"{inside}: none of {len(files)} instances is called {globs} (--instances)")
    return found


def _instance(path: Path, *, deep: bool) -> bool:
    """Tables of results, notes and solutions lie among the instances."""
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    aside = {"bks", "solutions"} & {part.lower() for part in path.parts[:-1]}
    lone = deep and len(path.parts) == 1 and not name.endswith((".txt", ".vrp"))
    return name.endswith(_PLAIN) and "readme" not in name and not aside and not lone


@contextmanager
def _blamed(path: Path) -> Iterator[None]:
    try:
        yield
    except BadFile:
        raise
    except ProblemError as fault:
        facts = ", ".join(f"{key} {value}" for key, value in fault.facts.items())
        raise BadFile(f"{path}: {fault.field}: {fault.code} ({facts})") from fault
    except KeyError as fault:
        raise BadFile(f"{path}: {fault.args[0]}: missing or unknown") from fault
    except (ValueError, TypeError, IndexError, AttributeError) as fault:
        raise BadFile(f"{path}: {fault}") from fault


def load(path: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of a file; whatever is wrong with it becomes one line naming both."""
    with _blamed(path):
        return read(path)
