"""How much memory has this process used?"""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

__all__ = ["peak_kb"]


def peak_kb() -> int:
    """Largest resident memory of this process so far, in kilobytes.

    The resource usage of a started program still counts the memory of the program that started
    it, so what the kernel says of the process itself is read first.
    """
    with suppress(OSError), Path("/proc/self/status").open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used // 1024 if sys.platform == "darwin" else used
