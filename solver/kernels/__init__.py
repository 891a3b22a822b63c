"""Compiled loops. Is the compiled code in the cache that of these sources?

Numba asks each file whether it changed, but a loop also holds the code of the functions it calls
from other files. So all files together have one stamp; when it differs the cache is emptied.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

__all__ = ["drop_stale_code"]


def drop_stale_code(folder: Path) -> bool:
    """Empty the cache of `folder` when a source has changed since it was filled; True if it was."""
    digest = hashlib.sha256()
    for source in sorted(folder.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    cache = folder / "__pycache__"
    stamp = cache / "sources.sha256"
    with suppress(OSError):
        if stamp.read_text(encoding="ascii") == digest.hexdigest():
            return False
    # Where nothing may be written numba keeps the cache elsewhere; then this does nothing.
    with suppress(OSError):
        cache.mkdir(exist_ok=True)
        for old in (*cache.glob("*.nbi"), *cache.glob("*.nbc")):
            old.unlink(missing_ok=True)
        stamp.write_text(digest.hexdigest(), encoding="ascii")
        return True
    return False


drop_stale_code(Path(__file__).parent)
