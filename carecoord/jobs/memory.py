"""How much memory did planning take?"""

import resource
import sys


def peak_mb() -> int:
    """Most MiB held by this process at any time, plus most held by a child it waited for."""
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + child) * unit // 2**20
