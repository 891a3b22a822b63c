"""When is somebody taken by what other systems booked, and is their roster readable?"""

from datetime import date

from carecoord.fhir import read
from carecoord.fhir.read import Json, Span
from carecoord.model.problems import DataProblem

_APPOINTMENT = frozenset({"booked", "arrived", "checked-in", "fulfilled"})
_SLOT = frozenset({"busy", "busy-unavailable", "busy-tentative"})


def appointment(resource: Json, on: date) -> tuple[list[str], Span] | None:
    """Who has an appointment and when, seconds of the day `on`; None when it keeps nobody.

    References of those who did not decline, as the resource writes them.
    """
    if resource.get("status") not in _APPOINTMENT:
        return None
    taken = _taken(resource, on)
    who = [
        str(one.get("actor", {}).get("reference", ""))
        for one in resource.get("participant", ())
        if one.get("status") != "declined"
    ]
    return None if taken is None else (who, taken)


def slot(resource: Json, on: date) -> tuple[str, Span] | None:
    """The Schedule of a busy Slot and its time, seconds of the day `on`; None when it is free."""
    taken = _taken(resource, on) if resource.get("status") in _SLOT else None
    return None if taken is None else (read.reference(resource.get("schedule"), "Schedule"), taken)


def problems(role: Json) -> list[DataProblem]:
    """Breaks of a roster that cannot be planned as they stand."""
    subject = f"PractitionerRole/{role.get('id', '')}"
    return [
        DataProblem("staff.break", subject, f"PractitionerRole.availableTime[{index}]")
        for index, entry in enumerate(role.get("availableTime", ()))
        if None in list(read.breaks(entry))
    ]


def _taken(resource: Json, on: date) -> Span | None:
    start, end = resource.get("start"), resource.get("end")
    if not start or not end or "T" not in start or "T" not in end:
        return None
    begins, ends = read.span({"start": start, "end": end}, on)
    return (begins, ends) if begins < ends else None
