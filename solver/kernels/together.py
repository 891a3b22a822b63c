"""Compiled insertion of tied clusters: shared visits and visits linked to each other.

Each member gets one agreed start. For it every place in every route offers an interval of starts
it could take; a start is good when enough different people offer it cheaply.
"""

from __future__ import annotations

from solver.kernels.arrays import (
    ACCESS,
    AIMED,
    APART,
    APART_END,
    BIG,
    CARRIED,
    CLAN,
    CREW,
    DISTANCE,
    DRIVEN,
    DUE,
    ENDS,
    ENTRY,
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
    SPOT,
    STRAIN,
    TIMED,
    TIMES,
    TRAVEL,
    UNTIL,
    USE,
    WAY,
    WHO,
    WISH_HIGH,
    WORK,
    WORST,
    Fixed,
    Live,
)
from solver.kernels.clock import first_open, last_open, start_cost
from solver.kernels.compiled import inlined, loop
from solver.kernels.moves import behind, held_cost, price_with, put_in, take_out
from solver.kernels.places import least_rate
from solver.kernels.route import refresh

__all__ = ["place_cluster"]

#: Choices of a start and a crew that may turn out impossible before a visit is given up.
TRIES = 8
# Columns of an offer. HARMLESS: starting later than this makes something late, at PACE a second;
# BANNED: a start that was tried in vain.
PRICED, BY, BEFORE, LOW, HIGH, HARMLESS, PACE, BANNED = range(8)


@loop
def _offers(f: Fixed, p: Live, visit: int, skip: int, random: I8, offer: I8) -> int:
    """Rows of all places that could take a visit, with the starts they could take; how many."""
    visits, windows, vehicles, usable = f.visit, f.window, f.vehicle, f.usable
    routes, stops, busy, agreed, likes = p.route, p.stop, p.busy, p.agreed, f.likes
    travel, travel_t, staffs, longs, metres = f.travel, f.travel_t, f.staff, f.long, f.metres
    place, group, access = visits[visit, PLACE], visits[visit, GROUP], visits[visit, ACCESS]
    first, final, lead = visits[visit, FIRST], visits[visit, FINAL], visits[visit, LEADER]
    goods, strain = visits[visit, GOODS], visits[visit, STRAIN] * f.weight[HARDNESS]
    weight, overtime, load = f.weight[TRAVEL], f.weight[OVERTIME], f.weight[LOAD]
    rate = least_rate(f.weight)
    found = 0
    x = random[0]
    for v in range(len(vehicles)):
        if not usable[visit, v]:
            continue
        staff = vehicles[v, WHO]
        size = routes[v, SIZE]
        if (
            busy[staff, MADE] >= staffs[staff, MOST]
            or routes[v, CARRIED] + goods > vehicles[v, ROOM]
        ):
            continue
        long = longs[staff, visit]
        base = likes[visit, staff]
        if load > 0:
            above = busy[staff, WORK] - staffs[staff, SHARE]
            base += load * (max(0, above + long) - max(0, above))
        if busy[staff, MADE] == 0:
            base += staffs[staff, USE]
        if strain > 0 and busy[staff, HEAVY] >= staffs[staff, FEW_HARD]:
            base += strain
        leg, km, mode = vehicles[v, LEG], vehicles[v, KM], vehicles[v, MODE]
        road = staffs[staff, ROAD] - busy[staff, DRIVEN]
        now, here, before = vehicles[v, OPENS], vehicles[v, FROM], -1
        only = -1
        if lead != -1:
            only = behind(stops, v, size, lead)
            if only < 0:
                continue
        for at in range(size + 1):
            if at > 0:
                now = stops[v, at - 1, ENDS]
                if now > final:
                    break
                here, before = stops[v, at - 1, SPOT], stops[v, at - 1, CLAN]
            limit = stops[v, at, LAST]
            if limit < first + long or (only >= 0 and at != only):
                continue
            there = stops[v, at, SPOT]
            come = travel_t[mode, place, here] if here >= 0 else 0
            go = travel[mode, place, there] if there >= 0 else 0
            ready = now + come
            if group < 0 or group != before:
                ready += access
            back = long + go
            if at < size and (group < 0 or group != stops[v, at, CLAN]):
                back += stops[v, at, ENTRY]
            if max(ready, first) + back > limit or found >= len(offer):
                continue
            detour = come + go - stops[v, at, WAY]
            if detour > road or come > leg or go > leg:
                continue
            low = first_open(visits, windows, agreed, visit, ready)
            high = last_open(visits, windows, agreed, visit, limit - back)
            if low > high:
                continue
            x ^= x << 13
            x ^= (x >> 7) & 0x1FFFFFFFFFFFFFF
            x ^= x << 17
            if (x & 1023) < skip:
                continue
            price = base + weight * detour
            if km > 0:
                more = metres[mode, here, place] if here >= 0 else 0
                if there >= 0:
                    more += metres[mode, place, there]
                    if here >= 0 and size > 0:
                        more -= metres[mode, here, there]
                price += km * more // 1000
            offer[found, PRICED], offer[found, BY], offer[found, BEFORE] = price, v, at
            offer[found, LOW], offer[found, HIGH], offer[found, BANNED] = low, high, -1
            offer[found, HARMLESS] = stops[v, at, DUE] - back
            offer[found, PACE] = rate if at < size else overtime
            found += 1
    random[0] = x
    return found


@inlined
def _bring_cheapest(offer: I8, place: int, found: int) -> None:
    """Bring the cheapest of the rows from `place` on there."""
    low = place
    for j in range(place + 1, found):
        if offer[j, PRICED] < offer[low, PRICED]:
            low = j
    if low != place:
        for c in range(8):
            offer[place, c], offer[low, c] = offer[low, c], offer[place, c]


@loop
def _has(vehicles: I8, agreed: I8, visit: int, staff: int) -> bool:
    """Whether a carer is in the crew of a visit."""
    shared = False
    for c in range(HOME, HOME + 4):
        v = agreed[visit, c]
        if v >= 0 and vehicles[v, WHO] == staff:
            shared = True
    return shared


@loop
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
            if _has(vehicles, agreed, other, vehicles[offer[j, BY], WHO]) == (kind == 1):
                for c in range(8):
                    offer[kept, c] = offer[j, c]
                kept += 1
        found = kept
    return found


@loop
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


@inlined
def _fits_all(
    vehicles: I8,
    longs: I8,
    visit: int,
    offer: I8,
    crew: I8,
    have: int,
    j: int,
    start: int,
    room: int,
) -> bool:
    """Whether an offer takes this start, by somebody who is not in the crew yet."""
    good = offer[j, LOW] <= start <= offer[j, HIGH] and offer[j, BANNED] != start
    staff = vehicles[offer[j, BY], WHO]
    good &= longs[staff, visit] <= room
    for c in range(have):
        good &= vehicles[offer[crew[c], BY], WHO] != staff
    return bool(good)


@inlined
def _price_at(offer: I8, j: int, start: int) -> int:
    """What an offer costs with this start."""
    return int(offer[j, PRICED] + offer[j, PACE] * max(0, start - offer[j, HARMLESS]))


@loop
def _best_crew(f: Fixed, p: Live, visit: int, offer: I8, found: int, again: bool, small: I8) -> int:
    """Start and crew that cost least together; -1: none. The rows of the crew go to small[8:12].

    Offers are gone through from the cheapest; each is tried as the dearest of a crew with every
    cheaper one, at the starts where their costs can be least.

    again
        A choice was tried in vain: look at more starts.
    """
    visits, windows, agreed, vehicles, weight = f.visit, f.window, p.agreed, f.vehicle, f.weight
    longs, routes, parts = f.long, p.route, f.apart
    need, timed, promised = visits[visit, CREW], visits[visit, TIMED], visits[visit, PROMISED]
    wish, apart = visits[visit, AIMED], visits[visit, APART]
    others = visits[visit, APART_END] - apart
    first, final = small[0], small[1]
    largest, worst = weight[LARGEST], 0
    if largest > 0:
        for v in range(len(vehicles)):
            worst = max(worst, routes[v, WORST])
    kinds = 4 + others if again or others > 0 else 3
    best, chosen = BIG, -1
    small[3] = FAR
    for j in range(found):
        if j >= small[2]:
            _bring_cheapest(offer, j, found)
            small[2] = j + 1
        if offer[j, PRICED] + (need - 1) * offer[0, PRICED] >= best:
            break
        staff = vehicles[offer[j, BY], WHO]
        for i in range(j if need == 1 else 0, j + 1 if need == 1 else j):
            if need > 1:
                pair = offer[i, PRICED] + offer[j, PRICED]
                if pair + (need - 2) * offer[0, PRICED] >= best:
                    break
                if vehicles[offer[i, BY], WHO] == staff:
                    continue
            low = max(offer[i, LOW], offer[j, LOW], first)
            high = min(offer[i, HIGH], offer[j, HIGH], final)
            if low > high:
                continue
            for kind in range(kinds):
                start = low
                if kind == 0:
                    start = max(low, min(wish, high))
                elif kind == 1:
                    if wish <= low:
                        continue
                elif kind == 2:
                    if promised <= low:
                        continue
                    start = min(promised, high)
                elif kind == 3:
                    # As late as they can: a partner may only be free then.
                    start = high
                else:
                    # Directly before a visit it must be apart from.
                    other = agreed[parts[apart + kind - 4, FROM_WHOM], HELD]
                    if other < 0:
                        continue
                    other -= parts[apart + kind - 4, DISTANCE]
                    start = min(other - longs[staff, visit], high)
                    start = max(low, last_open(visits, windows, agreed, visit, start))
                start = first_open(visits, windows, agreed, visit, start)
                if others > 0:
                    start = _clear(f, agreed, visit, start, longs[staff, visit], small[3:4])
                if start > high:
                    continue
                cost = _price_at(offer, j, start)
                if timed == 1:
                    cost += start_cost(visits, weight, visit, start)
                if largest > 0:
                    cost += largest * max(0, start - visits[visit, WISH_HIGH] - worst)
                if cost >= best:
                    continue
                have, room = 1, small[3]
                small[16] = j
                if offer[j, BANNED] == start or longs[staff, visit] > room:
                    continue
                if need > 1:
                    if not _fits_all(
                        vehicles, longs, visit, offer, small[16:20], 1, i, start, room
                    ):
                        continue
                    small[17] = i
                    cost += _price_at(offer, i, start)
                    have = 2
                for k in range(j):
                    if have == need:
                        break
                    if _fits_all(vehicles, longs, visit, offer, small[16:20], have, k, start, room):
                        small[16 + have] = k
                        cost += _price_at(offer, k, start)
                        have += 1
                if have == need and cost < best:
                    best, chosen = cost, start
                    for c in range(need):
                        small[8 + c] = small[16 + c]
    return chosen


@loop
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
    found = _offers(f, p, visit, skip, random, offer)
    found = _bounds(f, p, visit, offer, found, small[0:2])
    need = f.visit[visit, CREW]
    if found < need:
        return False
    small[2] = 0
    for tries in range(TRIES):
        start = _best_crew(f, p, visit, offer, found, tries > 0, small)
        if start < 0:
            return False
        fits = True
        p.agreed[visit, HELD] = start
        for c in range(need):
            row = small[8 + c]
            v = offer[row, BY]
            if f.vehicle[v, PLAIN] == 1 and p.route[v, TIMES] == 0:
                continue
            at = offer[row, BEFORE]
            if price_with(f, p, visit, v, at, order, scratch, starts, pauses) >= BIG:
                fits = False
                # A break is in the way: not then, and not at all the second time.
                if offer[row, BANNED] >= 0:
                    offer[row, LOW] = FAR
                offer[row, BANNED] = start
        if fits:
            for c in range(need):
                v = offer[small[8 + c], BY]
                touch[v] = 1
                put_in(f, p, visit, v, offer[small[8 + c], BEFORE])
                refresh(f, p, v, order, scratch, starts, pauses)
                until = start + f.long[f.vehicle[v, WHO], visit]
                p.agreed[visit, UNTIL] = max(p.agreed[visit, UNTIL], until)
            p.total[0] += held_cost(f, p, visit)
            return True
        p.agreed[visit, HELD] = -1
    return False


@loop
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
