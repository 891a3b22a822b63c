"""Compiled algebra of cost over time: what does it cost to be free, or to start, at a second?

A curve is the first `count` rows (first second, last second, value at the first, slope) of an int64
table, in order of time and apart; where no row lies it is impossible. All seconds are whole, so the
least of two curves is cut at whole seconds and nothing is ever rounded.

Two kinds pass through a route. *Ahead*: the least cost of everything before, free at or before a
second; falling, from its first second on for ever. *Behind*: the least cost of everything after,
starting at or after a second; rising, from 0 to its last second. Each is kept per number of breaks
already taken.
"""

from __future__ import annotations

from numba import njit

from solver.kernels.arrays import BIG, FAR, I8

__all__ = ["ahead_of", "behind", "fall", "lower", "plus", "put", "rise", "value_at"]


@njit(cache=True)
def put(out: I8, n: int, first: int, last: int, value: int, slope: int) -> int:
    """Append a row, or make the last one longer when the line just goes on; the new count."""
    if last < first:
        return n
    if n > 0 and out[n - 1, 1] + 1 == first:
        k = n - 1
        line = out[k, 3] if out[k, 1] > out[k, 0] else value - out[k, 2]
        if (slope == line or first == last) and out[k, 2] + line * (first - out[k, 0]) == value:
            out[k, 1] = last
            out[k, 3] = line
            return n
    if n == len(out):
        raise OverflowError("a curve has more pieces than there is room for")
    out[n, 0], out[n, 1], out[n, 2], out[n, 3] = first, last, value, slope
    return n + 1


@njit(cache=True)
def value_at(a: I8, n: int, t: int) -> int:
    """Value of a curve at a second, BIG where it is impossible."""
    low, high = 0, n - 1
    while low <= high:
        k = (low + high) // 2
        if t < a[k, 0]:
            high = k - 1
        elif t > a[k, 1]:
            low = k + 1
        else:
            return int(a[k, 2] + a[k, 3] * (t - a[k, 0]))
    return BIG


@njit(cache=True)
def fall(a: I8, n: int, by: int, out: I8) -> int:
    """Least value at or before each second, moved later by `by`: waiting is allowed."""
    made, best, at = 0, BIG, 0
    for k in range(n):
        first, last, value, slope = a[k, 0], a[k, 1], a[k, 2], a[k, 3]
        if best < BIG:
            made = put(out, made, at + by, first - 1 + by, best, 0)
        end = value + slope * (last - first)
        if slope >= 0:
            best = min(best, value)
            made = put(out, made, first + by, last + by, best, 0)
        elif end >= best:
            made = put(out, made, first + by, last + by, best, 0)
        else:
            skip = 0 if value < best else (value - best) // -slope + 1
            made = put(out, made, first + by, first + skip - 1 + by, best, 0)
            made = put(out, made, first + skip + by, last + by, value + slope * skip, slope)
            best = end
        at = last + 1
    if best < BIG:
        made = put(out, made, at + by, FAR, best, 0)
    return made


@njit(cache=True)
def rise(a: I8, n: int, out: I8) -> int:
    """Least value at or after each second, from second 0 on."""
    # Rows are made from the last to the first at the end of `out`, then moved to its front.
    at, best, after = len(out), BIG, 0
    for k in range(n - 1, -1, -1):
        first, last, value, slope = a[k, 0], a[k, 1], a[k, 2], a[k, 3]
        if at < 4:
            raise OverflowError("a curve has more pieces than there is room for")
        if best < BIG and after > last + 1:
            at -= 1
            out[at, 0], out[at, 1], out[at, 2], out[at, 3] = last + 1, after - 1, best, 0
        if slope <= 0:
            best = min(best, value + slope * (last - first))
            at -= 1
            out[at, 0], out[at, 1], out[at, 2], out[at, 3] = first, last, best, 0
        else:
            keep = last - first
            if best < BIG:
                keep = min(keep, (best - value - 1) // slope) if value < best else -1
            if keep < last - first:
                at -= 1
                out[at, 0], out[at, 1], out[at, 2], out[at, 3] = first + keep + 1, last, best, 0
            if keep >= 0:
                at -= 1
                out[at, 0], out[at, 1] = first, first + keep
                out[at, 2], out[at, 3] = value, slope
                best = value
        after = first
    made = 0
    if best < BIG:
        made = put(out, made, 0, after - 1, best, 0)
        for k in range(at, len(out)):
            if made > k:
                raise OverflowError("a curve has more pieces than there is room for")
            made = put(out, made, out[k, 0], out[k, 1], out[k, 2], out[k, 3])
    return made


@njit(cache=True)
def plus(a: I8, n: int, b: I8, m: int, later: int, more: int, out: I8) -> int:
    """a(t) + b(t + later) + more, where both are possible."""
    made, i, j = 0, 0, 0
    while i < n and j < m:
        first = max(a[i, 0], b[j, 0] - later)
        last = min(a[i, 1], b[j, 1] - later)
        if first <= last:
            value = a[i, 2] + a[i, 3] * (first - a[i, 0])
            value += b[j, 2] + b[j, 3] * (first + later - b[j, 0]) + more
            made = put(out, made, first, last, value, a[i, 3] + b[j, 3])
        if a[i, 1] < b[j, 1] - later:
            i += 1
        else:
            j += 1
    return made


@njit(cache=True)
def lower(a: I8, n: int, b: I8, m: int, out: I8) -> int:
    """The lesser of two curves at each second."""
    made, i, j, at = 0, 0, 0, -FAR
    while i < n or j < m:
        if i < n and a[i, 1] < at:
            i += 1
            continue
        if j < m and b[j, 1] < at:
            j += 1
            continue
        one = max(a[i, 0], at) if i < n else BIG
        two = max(b[j, 0], at) if j < m else BIG
        if one < two:
            last = min(a[i, 1], two - 1)
            value = a[i, 2] + a[i, 3] * (one - a[i, 0])
            made = put(out, made, one, last, value, a[i, 3])
            at = last + 1
        elif two < one:
            last = min(b[j, 1], one - 1)
            value = b[j, 2] + b[j, 3] * (two - b[j, 0])
            made = put(out, made, two, last, value, b[j, 3])
            at = last + 1
        else:
            last = min(a[i, 1], b[j, 1])
            made = _lesser(
                one,
                last,
                a[i, 2] + a[i, 3] * (one - a[i, 0]),
                a[i, 3],
                b[j, 2] + b[j, 3] * (one - b[j, 0]),
                b[j, 3],
                out,
                made,
            )
            at = last + 1
    return made


@njit(cache=True)
def _lesser(
    first: int, last: int, one: int, up: int, two: int, rise_: int, out: I8, made: int
) -> int:
    """The lesser of two lines between two seconds."""
    gap, turn = two - one, rise_ - up
    end = gap + turn * (last - first)
    if gap >= 0 and end >= 0:
        return put(out, made, first, last, one, up)
    if gap < 0 and end < 0:
        return put(out, made, first, last, two, rise_)
    if gap >= 0:
        k = gap // -turn
        made = put(out, made, first, first + k, one, up)
        k += 1
        return put(out, made, first + k, last, two + rise_ * k, rise_)
    k = (-gap + turn - 1) // turn
    made = put(out, made, first, first + k - 1, two, rise_)
    return put(out, made, first + k, last, one + up * k, up)


@njit(cache=True)
def ahead_of(
    a: I8,
    at: I8,
    taken: int,
    breaks: I8,
    need: int,
    rate: int,
    out: I8,
    spare: I8,
    other: I8,
) -> int:
    """Cost of being ready at the next stop at a second, with `taken` breaks behind.

    a, at
        Curves ahead, and (first row, rows) of each per number of breaks.
    need
        Seconds on the way and of access.
    rate
        Cost of a second on duty: breaks on the way give it back.
    """
    made = 0
    rest = 0
    for i in range(taken, -1, -1):
        if i < taken:
            rest += breaks[i, 2]
        begin, count = at[i, 0], at[i, 1]
        if count == 0:
            continue
        move = need + rest
        sooner = breaks[taken - 1, 0] + breaks[taken - 1, 2] if i < taken else -FAR
        limit = breaks[i, 1] if i < taken else FAR
        if limit < a[begin, 0]:
            continue
        n = 0
        for k in range(begin, begin + count):
            if a[k, 0] > limit:
                break
            first = max(a[k, 0] + move, sooner)
            last = min(min(a[k, 1], limit) + move, FAR)
            value = a[k, 2] + a[k, 3] * (first - move - a[k, 0]) - rate * rest
            n = put(spare, n, first, last, value, a[k, 3])
            if limit <= a[k, 1] and limit < FAR:
                value = a[k, 2] + a[k, 3] * (limit - a[k, 0]) - rate * rest
                n = put(spare, n, max(limit + move + 1, sooner), FAR, value, 0)
        if made == 0:
            out[:n] = spare[:n]
            made = n
        else:
            size = lower(out, made, spare, n, other)
            out[:size] = other[:size]
            made = size
    return made


@njit(cache=True)
def behind(
    a: I8,
    at: I8,
    taken: int,
    breaks: I8,
    need: int,
    rate: int,
    out: I8,
    spare: I8,
    other: I8,
) -> int:
    """Cost of all that follows, when free at a second with `taken` breaks behind.

    The mirror of `ahead_of`; `a` and `at` are curves behind.
    """
    made = 0
    rest = 0
    for c in range(taken, len(breaks) + 1):
        if c > taken:
            rest += breaks[c - 1, 2]
        begin, count = at[c, 0], at[c, 1]
        if count == 0:
            continue
        move = need + rest
        limit = breaks[taken, 1] if c > taken else FAR
        sooner = breaks[c - 1, 0] + breaks[c - 1, 2] - move if c > taken else 0
        sooner = max(sooner, 0)
        n = 0
        for k in range(begin, begin + count):
            if a[k, 1] - move < sooner:
                continue
            if n == 0 and c > taken:
                # Ready before the break is over: the same as just then.
                value = a[k, 2] + a[k, 3] * (sooner + move - a[k, 0]) - rate * rest
                n = put(spare, n, 0, min(sooner, limit), value, 0)
                first = sooner + 1
            else:
                first = max(a[k, 0] - move, 0)
            last = min(a[k, 1] - move, limit)
            value = a[k, 2] + a[k, 3] * (first + move - a[k, 0]) - rate * rest
            n = put(spare, n, first, last, value, a[k, 3])
            if a[k, 1] - move >= limit:
                break
        if made == 0:
            out[:n] = spare[:n]
            made = n
        else:
            size = lower(out, made, spare, n, other)
            out[:size] = other[:size]
            made = size
    return made
