"""How far has a search come, by steps or by the clock, and must it stop?"""

from __future__ import annotations

import time
from collections.abc import Iterator

from solver.options import Options

__all__ = ["QUIET", "cooled", "rounds"]

#: Share of the budget after which a search goes on from the best plan it found, ever cooler.
QUIET = 0.9
#: How far it then still cools down.
_STILL = 0.1


def rounds(options: Options, until: float, chunk: int) -> Iterator[tuple[int, int, float]]:
    """(steps made, steps to make now, share of the budget used), until the budget is used up.

    With a step limit the share counts steps, so that it does not depend on the machine; the clock
    still ends the search.

    until
        `time.monotonic` at which to stop whatever happens.
    chunk
        Steps between two looks at the clock.
    """
    begun, done, most = time.monotonic(), 0, options.iterations
    while True:
        clock = time.monotonic()
        if clock >= until or (most is not None and done >= most):
            return
        if most is None:
            share, steps = (clock - begun) / (until - begun), chunk
        else:
            share, steps = done / most, min(chunk, most - done)
        yield done, steps, share
        done += steps


def cooled(share: float, hot: float, cold: float) -> float:
    """Temperature after a share of the budget: from hot to cold until `QUIET`, then still lower."""
    if share < QUIET:
        return hot * float((cold / hot) ** (share / QUIET))
    return cold * float(_STILL ** ((share - QUIET) / (1.0 - QUIET)))
