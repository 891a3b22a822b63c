"""Travel times between all places over a graph."""

import numpy as np

from carecoord.streets.links import Ends, Links, Longs, decimetres, milliseconds
from carecoord.streets.place import Floats
from carecoord.streets.snap import Snaps

# Rows of one search block: about 64 MB of costs however large the graph is.
_BLOCK_CELLS = 8_000_000


def between(links: Links, snaps: Snaps) -> tuple[Floats, Floats]:
    """Fastest ways between the points where places meet the streets.

    Returns
    -------
    tuple
        Milliseconds and decimetres, whole numbers, both of shape (places, places), row =
        from; infinite where there is no way or a place meets no street.
    """
    if not links.graph.junctions:
        nowhere = np.full((len(snaps.edge), len(snaps.edge)), np.inf)
        return nowhere, nowhere
    ends = links.ends(snaps)
    # Homes behind one gate share their point on the street: search from it once.
    meeting = np.stack([snaps.edge.astype(np.float64), snaps.at], axis=1)
    meeting[snaps.edge < 0] = -1.0
    _, rows, back = np.unique(meeting, axis=0, return_index=True, return_inverse=True)
    rows, back = rows.astype(np.int64), back.reshape(-1)
    packed = np.full((len(rows), len(rows)), np.inf)
    block = max(1, _BLOCK_CELLS // max(1, links.graph.junctions))
    for start in range(0, len(rows), block):
        part = rows[start : start + block]
        reached, _ = links.search(ends, part)
        packed[start : start + block] = arrive(reached, ends, rows)
    _along_one_edge(packed, ends, snaps, rows)
    packed[np.diag_indices(len(rows))] = np.where(snaps.edge[rows] >= 0, 0.0, np.inf)
    time = milliseconds(packed)
    with np.errstate(invalid="ignore"):
        length = np.where(np.isfinite(packed), decimetres(packed), np.inf)
    return time[np.ix_(back, back)], length[np.ix_(back, back)]


def arrive(reached: Floats, ends: Ends, rows: Longs) -> Floats:
    """Costs to the places `rows`, over either end of their edges."""
    over_tail = reached[:, ends.tail[rows]] + ends.from_tail[rows]
    over_head = reached[:, ends.head[rows]] + ends.from_head[rows]
    return np.minimum(over_tail, over_head)


def direct(ends: Ends, at: Floats, start: Longs, end: Longs) -> Floats:
    """Costs between places on one edge without leaving it; infinite against a one-way."""
    onward = ends.from_tail[end] - np.where(
        np.isfinite(ends.from_tail[start]), ends.from_tail[start], 0.0
    )
    homeward = ends.to_tail[start] - np.where(
        np.isfinite(ends.to_tail[end]), ends.to_tail[end], 0.0
    )
    moved = at[end] - at[start]
    return np.select([moved > 0, moved < 0], [onward, homeward], 0.0)


def _along_one_edge(packed: Floats, ends: Ends, snaps: Snaps, rows: Longs) -> None:
    edge = ends.edge[rows]
    start, end = np.nonzero((edge[:, None] == edge[None, :]) & (edge >= 0)[:, None])
    inside = direct(ends, snaps.at, rows[start], rows[end])
    packed[start, end] = np.minimum(packed[start, end], inside)
