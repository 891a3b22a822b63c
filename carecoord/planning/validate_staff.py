"""Is what a dataset says about staff right: licences, shifts, bases? Pure."""

from collections.abc import Iterator
from datetime import timedelta

from carecoord.model.staff import GRANTS, Licence
from carecoord.model.time import DAY
from carecoord.planning.dataset import Dataset, LicenceData, StaffData
from carecoord.planning.findings import LEVELS, Finding, error, span, warning

SOON = timedelta(days=30)
"""How long before its end a licence is worth a warning; renewing one takes weeks."""


def findings(data: Dataset) -> Iterator[Finding]:
    """Everything wrong with the people of a dataset."""
    for row, one in enumerate(data.staff):
        at = f"/staff/{row}"
        yield from _shifts(one, at)
        if one.mode not in ("walk", "e-bike"):
            yield error("dataset.mode", f"{at}/mode", staff=one.id, mode=one.mode)
        for place, level in enumerate(one.levels):
            if level not in LEVELS:
                yield error(
                    "dataset.staff_level",
                    f"{at}/levels/{place}",
                    staff=one.id,
                    level=level,
                    known=", ".join(sorted(LEVELS)),
                )
        if not one.shifts:
            yield warning("dataset.no_shift", f"{at}/shifts", staff=one.id, name=one.name)
            continue
        if one.base is None:
            yield error("dataset.no_base", f"{at}/base", staff=one.id, name=one.name)
        yield from _licences(data, one, at)


def _shifts(one: StaffData, at: str) -> Iterator[Finding]:
    before = None
    for place, shift in enumerate(one.shifts):
        pointer = f"{at}/shifts/{place}"
        if not (0 <= shift.start < DAY and shift.start < shift.end <= 2 * DAY):
            yield error("dataset.shift", pointer, staff=one.id, start=shift.start, end=shift.end)
        elif before is not None and shift.start < before.end:
            yield error(
                "dataset.shifts_overlap",
                pointer,
                staff=one.id,
                first=span(before.start, before.end),
                second=span(shift.start, shift.end),
            )
        before = shift


def _licences(data: Dataset, one: StaffData, at: str) -> Iterator[Finding]:
    if not one.levels:
        ended = [held.end for held in one.licences if held.end and held.end < data.day]
        if ended:
            yield error(
                "dataset.licence_ended",
                f"{at}/licences",
                staff=one.id,
                name=one.name,
                end=max(ended).isoformat(),
            )
        else:
            yield error("dataset.no_licence", f"{at}/licences", staff=one.id, name=one.name)
        return
    for place, held in enumerate(one.licences):
        if _ends_soon(held, data) and not _renewed(held, one):
            assert held.end is not None
            yield warning(
                "dataset.licence_ends",
                f"{at}/licences/{place}",
                staff=one.id,
                name=one.name,
                end=held.end.isoformat(),
                days=(held.end - data.day).days,
            )


def _ends_soon(held: LicenceData, data: Dataset) -> bool:
    return held.end is not None and data.day <= held.end <= data.day + SOON


def _renewed(ending: LicenceData, one: StaffData) -> bool:
    """Whether another licence carries on where this one ends, and grants as much."""
    assert ending.end is not None
    return any(
        set(_grants(ending)) <= set(_grants(other))
        and (other.start is None or other.start <= ending.end + timedelta(days=1))
        and (other.end is None or other.end > ending.end + SOON)
        for other in one.licences
        if other is not ending
    )


def _grants(held: LicenceData) -> tuple[str, ...]:
    known = held.licence in set(Licence)
    return tuple(GRANTS[Licence(held.licence)]) if known else ()
