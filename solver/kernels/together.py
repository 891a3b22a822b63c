"""Compiled insertion of tied clusters: shared visits and visits linked to each other.

Each member gets one agreed start. For it every place in every route offers an interval of starts
it could take; a start is good when enough different people offer it cheaply.
"""

from __future__ import annotations

from numba import njit

from solver.kernels.arrays import (
    ACCESS,
    APART,
    APART_END,
    BIG,
    CARRIED,
    CREW,
    DISTANCE,
    DRIVEN,
    ENDS,
    FAR,
    FEW_HARD,
    FINAL,
    FIRST,
    FROM,
    FROM_WHOM,
    GAP_HIGH,
    GAP_LOW,
    GOODS,
    GROUP,
    HARD,
    HARDNESS,
    HEAVY,
    HELD,
    HOME,
    I8,
    KM,
    LARGEST,
    LAST,
    LEADER,
    LEG,
    LINK,
    LINK_END,
    LOAD,
    MADE,
    MEMBER,
    MEMBER_END,
    MODE,
    MOST,
    OPENS,
    OTHER,
    OVERTIME,
    PENALTY,
    PEOPLE,
    PLACE,
    PLAIN,
    PROMISED,
    ROAD,
    ROOM,
    SHARE,
    SIZE,
    SOFT,
    STRAIN,
    TIMED,
    TIMES,
    TO,
    TRAVEL,
    UNTIL,
    USE,
    VISIT,
    WAY,
    WHO,
    WISH_HIGH,
    WISH_LOW,
    WORK,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.clock import first_open, last_open, start_cost
from solver.kernels.moves import (
    behind,
    held_cost,
    price_with,
    put_in,
    refresh,
    take_out,
)

__all__ = ["place_cluster"]

#: Places looked at first; all of them when none of these fit together.
FEW = 48


@njit(cache=True)
def _offers(f: Fixed, p: Live, visit: int, skip: int, random: I8, offer: I8) -> int:
    """Rows (cost, vehicle, position, first start, last start) of all places; how many."""
    visits, windows, vehicles, usable = f.visit, f.window, f.vehicle, f.usable[visit]
    routes, stops, busy, agreed, likes = p.route, p.stop, p.busy, p.agreed, f.likes[visit]
    travel, travel_t, staffs, longs, metres = f.travel, f.travel_t, f.staff, f.long, f.metres
    mine = visits[visit]
    place, group, access, hard = mine[PLACE], mine[GROUP], mine[ACCESS], mine[STRAIN]
    hard *= f.weight[HARDNESS]
    load = f.weight[LOAD]
    first, final = mine[FIRST], mine[FINAL]
    weight, overtime, lead = f.weight[TRAVEL], f.weight[OVERTIME], mine[LEADER]
    found = 0
    x = random[0]
    for v in range(len(vehicles)):
        if not usable[v]:
            continue
        staff = vehicles[v, WHO]
        size = routes[v, SIZE]
        if (
            busy[staff, MADE] >= staffs[staff, MOST]
            or routes[v, CARRIED] + mine[GOODS] > vehicles[v, ROOM]
        ):
            continue
        long = longs[staff, visit]
        base = likes[staff]
        if load > 0:
            above = busy[staff, WORK] - staffs[staff, SHARE]
            base += load * (max(0, above + long) - max(0, above))
        if busy[staff, MADE] == 0:
            base += staffs[staff, USE]
        if hard > 0 and busy[staff, HEAVY] >= staffs[staff, FEW_HARD]:
            base += hard
        leg, km = vehicles[v, LEG], vehicles[v, KM]
        road = staffs[staff, ROAD] - busy[staff, DRIVEN]
        mode = vehicles[v, MODE]
        now = vehicles[v, OPENS]
        here = vehicles[v, FROM]
        before_group = -1
        only = -1
        if lead != -1:
            only = behind(stops, v, size, lead)
            if only < 0:
                continue
        for at in range(size + 1):
            if at > 0:
                before = stops[v, at - 1, VISIT]
                now = stops[v, at - 1, ENDS]
                if now > final:
                    break
                here = visits[before, PLACE]
                before_group = visits[before, GROUP]
            if only >= 0 and at != only:
                continue
            there = vehicles[v, TO]
            limit = vehicles[v, HARD]
            if at < size:
                limit = stops[v, at, LAST]
                if limit < first + long:
                    continue
                after = stops[v, at, VISIT]
                there = visits[after, PLACE]
                if group < 0 or group != visits[after, GROUP]:
                    limit -= visits[after, ACCESS]
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            if (x & 1023) < skip or found >= len(offer):
                continue
            come = travel_t[mode, place, here] if here >= 0 else 0
            go = travel[mode, place, there] if there >= 0 else 0
            ready = now + come
            if group < 0 or group != before_group:
                ready += access
            low = first_open(visits, windows, agreed, visit, ready)
            high = last_open(visits, windows, agreed, visit, limit - go - long)
            if low > high:
                continue
            detour = come + go - (stops[v, at, WAY] if size > 0 else 0)
            if detour > road or come > leg or go > leg:
                continue
            offer[found, 0] = base + weight * detour
            if km > 0:
                more = metres[mode, here, place] if here >= 0 else 0
                if there >= 0:
                    more += metres[mode, place, there]
                    if here >= 0:
                        more -= metres[mode, here, there]
                offer[found, 0] += km * more // 1000
            if at == size:
                # The route ends later; when exactly is only known with all its costs.
                offer[found, 0] += overtime * max(0, low + long + go - vehicles[v, SOFT])
            offer[found, 1] = v
            offer[found, 2] = at
            offer[found, 3] = low
            offer[found, 4] = high
            found += 1
    random[0] = x
    return found


@njit(cache=True)
def _cheapest_first(offer: I8, found: int, few: int) -> None:
    """Bring the `few` cheapest rows to the front, in order."""
    for k in range(min(few, found)):
        low = k
        for j in range(k + 1, found):
            if offer[j, 0] < offer[low, 0]:
                low = j
        if low != k:
            for c in range(5):
                offer[k, c], offer[low, c] = offer[low, c], offer[k, c]


@njit(cache=True)
def _has(vehicles: I8, agreed: I8, visit: int, staff: int) -> bool:
    """Whether a carer is in the crew of a visit."""
    shared = False
    for c in range(HOME, HOME + 4):
        v = agreed[visit, c]
        if v >= 0 and vehicles[v, WHO] == staff:
            shared = True
    return shared


@njit(cache=True)
def _bounds(f: Fixed, p: Live, visit: int, offer: I8, found: int, out: I8) -> int:
    """What links to visits already placed leave: start bounds in `out`, fitting offers in front."""
    links, agreed, vehicles = f.link, p.agreed, f.vehicle
    out[0] = 0
    out[1] = FAR
    for k in range(f.visit[visit, LINK], f.visit[visit, LINK_END]):
        other = links[k, OTHER]
        at = agreed[other, HELD]
        if at < 0:
            continue
        out[0] = max(out[0], at + links[k, GAP_LOW])
        out[1] = min(out[1], at + links[k, GAP_HIGH])
        kind = links[k, PEOPLE]
        if kind == 0:
            continue
        kept = 0
        for j in range(found):
            if _has(vehicles, agreed, other, vehicles[offer[j, 1], WHO]) == (kind == 1):
                for c in range(5):
                    offer[kept, c] = offer[j, c]
                kept += 1
        found = kept
    return found


@njit(cache=True)
def _crew(
    vehicles: I8,
    longs: I8,
    visit: int,
    offer: I8,
    found: int,
    start: int,
    room: int,
    need: int,
    limit: int,
    crew: I8,
) -> int:
    """Cheapest offers of different people for this start: their rows in `crew`; cost or BIG.

    room
        Longest service that fits before one the visit must be apart from.
    """
    have = 0
    cost = 0
    for j in range(found):
        if offer[j, 3] > start or offer[j, 4] < start:
            continue
        staff = vehicles[offer[j, 1], WHO]
        if longs[staff, visit] > room:
            continue
        again = False
        for c in range(have):
            if vehicles[offer[crew[c], 1], WHO] == staff:
                again = True
                break
        if again:
            continue
        crew[have] = j
        have += 1
        cost += offer[j, 0]
        if have == need:
            return int(cost)
        if cost >= limit and offer[j, 0] >= 0:
            return BIG
    return BIG


@njit(cache=True)
def _clear(f: Fixed, agreed: I8, visit: int, start: int, long: int, room: I8) -> int:
    """First start not before `start` that overlaps none of the visits it must be apart from.

    room
        Receives the seconds until the next such visit.
    """
    low, high = f.visit[visit, APART], f.visit[visit, APART_END]
    moved = True
    while moved and start < FAR:
        moved = False
        room[0] = FAR
        for k in range(low, high):
            other, gap = f.apart[k, FROM_WHOM], f.apart[k, DISTANCE]
            begin, until = agreed[other, HELD], agreed[other, UNTIL]
            if begin < 0 or start >= until + gap:
                continue
            if start + long + gap <= begin:
                room[0] = min(room[0], begin - gap - start)
            else:
                start = first_open(f.visit, f.window, agreed, visit, until + gap)
                moved = True
                break
    return int(start)


@njit(cache=True)
def _best_start(
    f: Fixed, p: Live, visit: int, offer: I8, few: int, bound: I8, banned: I8, bans: int, crew: I8
) -> int:
    """Start with the cheapest crew among starts at the offers' ends and wishes; -1: none."""
    visits, windows, agreed, vehicles, weight = f.visit, f.window, p.agreed, f.vehicle, f.weight
    best = BIG
    chosen = -1
    mine = crew[8:16]
    wish, promised = visits[visit, WISH_LOW], visits[visit, PROMISED]
    need, timed = visits[visit, CREW], visits[visit, TIMED]
    apart, kinds, longs = visits[visit, APART], 4, f.long
    room = crew[7:8]
    room[0] = FAR
    largest, worst = weight[LARGEST], 0
    if largest > 0:
        for v in range(len(vehicles)):
            worst = max(worst, p.route[v, WORST])
    kinds += visits[visit, APART_END] - apart
    for j in range(few):
        for kind in range(kinds):
            ready = offer[j, 3]
            if kind == 1:
                if ready >= wish:
                    continue
                ready = wish
            elif kind == 2:
                if promised < 0:
                    continue
                ready = max(ready, promised)
            elif kind == 3:
                # As late as this place allows: a partner may only be free then.
                if j >= 8:
                    continue
                ready = offer[j, 4]
            elif kind > 3:
                # Directly before a visit it must be apart from.
                other = f.apart[apart + kind - 4, FROM_WHOM]
                if agreed[other, HELD] < 0:
                    continue
                ready = agreed[other, HELD] - f.apart[apart + kind - 4, DISTANCE]
                ready -= longs[vehicles[offer[j, 1], WHO], visit]
                ready = last_open(visits, windows, agreed, visit, min(ready, offer[j, 4], bound[1]))
                if ready < offer[j, 3]:
                    continue
            start = first_open(visits, windows, agreed, visit, max(ready, bound[0]))
            if kinds > 4:
                long = longs[vehicles[offer[j, 1], WHO], visit]
                start = _clear(f, agreed, visit, start, long, room)
            if start > bound[1] or start > offer[j, 4]:
                continue
            stop = False
            for b in range(bans):
                stop |= banned[b] == start
            if stop:
                continue
            cost = start_cost(visits, weight, visit, start) if timed == 1 else 0
            if largest > 0:
                cost += largest * max(0, start - visits[visit, WISH_HIGH] - worst)
            if cost >= best:
                continue
            cost += _crew(
                vehicles, longs, visit, offer, few, start, room[0], need, best - cost, mine
            )
            if cost < best:
                best = cost
                chosen = start
                for c in range(4):
                    crew[c] = mine[c]
    return int(chosen)


@njit(cache=True)
def _place(
    f: Fixed,
    p: Live,
    visit: int,
    skip: int,
    random: I8,
    offer: I8,
    order: I8,
    scratch: I8,
    starts: I8,
    pauses: I8,
    small: I8,
    touch: I8,
) -> bool:
    """Place one member of a tied cluster; marks its routes in `touch`."""
    bound, crew, banned = small[0:2], small[8:24], small[24:32]
    found = _offers(f, p, visit, skip, random, offer)
    found = _bounds(f, p, visit, offer, found, bound)
    need = f.visit[visit, CREW]
    if found < need:
        return False
    few = min(FEW, found)
    _cheapest_first(offer, found, few)
    bans = 0
    while bans < 6:
        start = _best_start(f, p, visit, offer, few, bound, banned, bans, crew)
        if start < 0:
            if few == found:
                return False
            few = found
            _cheapest_first(offer, found, few)
            continue
        fits = True
        p.agreed[visit, HELD] = start
        for c in range(need):
            v = offer[crew[c], 1]
            if f.vehicle[v, PLAIN] == 1 and p.route[v, TIMES] == 0:
                continue
            at = offer[crew[c], 2]
            if price_with(f, p, visit, v, at, order, scratch, starts, pauses) >= BIG:
                fits = False
                break
        if fits:
            for c in range(need):
                v = offer[crew[c], 1]
                touch[v] = 1
                put_in(f, p, visit, v, offer[crew[c], 2])
                refresh(f, p, v, order, scratch, starts, pauses)
                until = start + f.long[f.vehicle[v, WHO], visit]
                p.agreed[visit, UNTIL] = max(p.agreed[visit, UNTIL], until)
            p.total[0] += held_cost(f, p, visit)
            return True
        p.agreed[visit, HELD] = -1
        banned[bans] = start
        bans += 1
    return False


@njit(cache=True)
def place_cluster(
    f: Fixed,
    p: Live,
    cluster: int,
    skip: int,
    random: I8,
    offer: I8,
    order: I8,
    scratch: I8,
    starts: I8,
    pauses: I8,
    small: I8,
    touch: I8,
) -> bool:
    """Place every visit of a tied cluster, or none. Routes that change are marked in `touch`.

    Does not touch the list of absent clusters nor its penalties.
    """
    before = p.total[0]
    first = f.cluster[cluster, MEMBER]
    placed = 0
    good = True
    for k in range(first, f.cluster[cluster, MEMBER_END]):
        good = _place(
            f, p, f.member[k], skip, random, offer, order, scratch, starts, pauses, small, touch
        )
        if not good:
            break
        placed += 1
    if good and p.total[0] - before < f.cluster[cluster, PENALTY]:
        return True
    homes = small[40:44]
    for k in range(first, first + placed):
        visit = f.member[k]
        for c in range(4):
            homes[c] = p.agreed[visit, HOME + c]
        take_out(f, p, visit)
        for c in range(4):
            if homes[c] >= 0:
                refresh(f, p, homes[c], order, scratch, starts, pauses)
    return False
