"""Which breaks does a shift have?

Breaks of the roster win over the meal break of the policy pack: somebody whose roster names a break
within the meal hours has no second one.
"""

from carecoord.model.staff import Rest, Shift


def rests(shift: Shift, meal: int, window: tuple[int, int]) -> tuple[Rest, ...]:
    """Breaks that lie whole in the shift, in order, each over before the next may begin.

    A shift that works through the whole meal window has a meal break in it.

    Parameters
    ----------
    meal
        Seconds of the meal break; 0 = none.
    window
        Seconds after 00:00 within which the whole meal break lies.
    """
    found: list[Rest] = []
    for rest in sorted(shift.rests, key=lambda r: (r.earliest, r.latest)):
        inside = _inside(rest, shift)
        if inside is not None and (not found or found[-1].end <= inside.earliest):
            found.append(inside)
    start, end = window
    through = shift.start <= start and end <= shift.end
    if meal > 0 and through and not any(r.earliest < end and start < r.end for r in found):
        found.append(Rest(start, end - meal, meal))
    return tuple(sorted(found, key=lambda r: r.earliest))


def at_work(shift: Shift, meal: int, window: tuple[int, int]) -> int:
    """Most seconds of work in a shift: its length without the breaks that lie in it."""
    return shift.end - shift.start - sum(rest.seconds for rest in rests(shift, meal, window))


def _inside(rest: Rest, shift: Shift) -> Rest | None:
    """The part of a break's freedom that the shift leaves it, or None."""
    earliest = max(rest.earliest, shift.start)
    latest = min(rest.latest, shift.end - rest.seconds)
    return Rest(earliest, latest, rest.seconds) if earliest <= latest else None
