"""Which facts do rules need from a resource? This module alone knows the paths.

`docs/fhir-mapping.md` is its contract. Readers never raise for what a partner left out:
they give what planning may use and list the rest as data problems.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from carecoord.errors import Invalid
from carecoord.model.elders import Elder, Home
from carecoord.model.ids import ElderId, OrganizationId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.problems import DataProblem
from carecoord.model.staff import (
    Licence,
    Qualification,
    Rest,
    Role,
    Shift,
    Staff,
    TravelMode,
    levels_on,
)
from carecoord.model.time import DAY, ZONE, of_clock
from carecoord.streets import Datum, to_wgs84

Json = dict[str, Any]

BASE = "https://carecoord.example/fhir"
DIVISION = f"{BASE}/sid/division"
USCC = f"{BASE}/sid/uscc"
REFERRAL_NUMBER = f"{BASE}/sid/referral"
RESIDENT = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
GEOLOCATION = "http://hl7.org/fhir/StructureDefinition/geolocation"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def system(name: str) -> str:
    """Canonical address of one of our code systems."""
    return f"{BASE}/CodeSystem/{name}"


def extension_url(name: str) -> str:
    """Canonical address of one of our extensions."""
    return f"{BASE}/StructureDefinition/{name}"


def codes(concepts: Json | list[Json] | None, code_system: str) -> list[str]:
    """Codes of one system in a CodeableConcept or a list of them."""
    many = concepts if isinstance(concepts, list) else [concepts] if concepts else []
    return [
        coding["code"]
        for concept in many
        for coding in concept.get("coding", ())
        if coding.get("system") == code_system and "code" in coding
    ]


def extensions(element: Json, url: str) -> Iterator[Json]:
    """Extensions of `element` with one url."""
    return (e for e in element.get("extension", ()) if e.get("url") == url)


def extension_value(element: Json, name: str) -> Any:
    """The value of one of our own simple extensions, or None."""
    for found in extensions(element, extension_url(name)):
        return next((v for k, v in found.items() if k.startswith("value")), None)
    return None


def parts(extension: Json) -> dict[str, Any]:
    """Values of a complex extension by the url of its parts."""
    return {
        part["url"]: next((v for k, v in part.items() if k.startswith("value")), None)
        for part in extension.get("extension", ())
    }


def identifier(resource: Json, of: str) -> str:
    """The identifier of one system, or an empty text."""
    return next(
        (
            i["value"]
            for i in resource.get("identifier", ())
            if i.get("system") == of and "value" in i
        ),
        "",
    )


def reference(element: Json | None, kind: str) -> str:
    """Id of a local reference to a resource of type `kind`, or an empty text."""
    target = (element or {}).get("reference", "")
    type_, _, rest = target.partition("/")
    return rest.split("/")[0] if type_ == kind else ""


def name(resource: Json) -> str:
    """A person's name as people write it."""
    names = resource.get("name") or [{}]
    first = names[0] if isinstance(names, list) else {"text": names}
    if "text" in first:
        return str(first["text"])
    family, given = first.get("family", ""), first.get("given", [])
    chinese = all(ord(c) > 0x2E80 for c in "".join([family, *given]))
    ordered = [family, *given] if chinese else [*given, family]
    return ("" if chinese else " ").join(ordered).strip() or str(resource.get("id", ""))


def phone(resource: Json) -> str:
    """The first telephone number."""
    return next(
        (
            t["value"]
            for t in resource.get("telecom", ())
            if t.get("system") == "phone" and "value" in t
        ),
        "",
    )


def day(text: str | None) -> date | None:
    """A FHIR date or dateTime as a day in Asia/Shanghai; a year or month is its first day."""
    if not text:
        return None
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(ZONE).date()
    padded = (text + "-01-01")[:10] if len(text) < 10 else text
    return date.fromisoformat(padded)


def last_day(text: str | None) -> date | None:
    """As `day`, for the end of a period: a year or month counts to its last day."""
    if not text or len(text) >= 10:
        return day(text)
    year, _, month = text.partition("-")
    following = (
        date(int(year) + 1, 1, 1)
        if not month or month == "12"
        else date(int(year), int(month) + 1, 1)
    )
    return date.fromordinal(following.toordinal() - 1)


def seconds(text: str) -> int:
    """A FHIR time as seconds after midnight."""
    return of_clock(time.fromisoformat(text))


def _home_address(patient: Json) -> tuple[int, Json]:
    addresses = patient.get("address") or []
    homes = [(i, a) for i, a in enumerate(addresses) if a.get("use") == "home"]
    return (homes or list(enumerate(addresses)) or [(-1, {})])[0]


def address_text(address: Json) -> str:
    """An address in one line."""
    if "text" in address:
        return str(address["text"])
    fields = ("state", "city", "district")
    return "".join([*(address.get(f, "") for f in fields), *address.get("line", ())])


def home(patient: Json) -> tuple[Home, list[DataProblem]]:
    """Where the elder is visited; without a usable position `place` is None and says why."""
    index, address = _home_address(patient)
    subject = f"Patient/{patient.get('id', '')}"
    path = f"Patient.address[{index}]" if index >= 0 else "Patient.address"
    dwelling = next((parts(e) for e in extensions(address, extension_url("dwelling"))), {})
    problems: list[DataProblem] = []
    place = None
    position = next((parts(e) for e in extensions(address, GEOLOCATION)), None)
    if position is None or position.get("longitude") is None or position.get("latitude") is None:
        problems.append(DataProblem("address.position", subject, path))
    else:
        datum: Datum = extension_value(address, "datum") or "wgs84"
        try:
            found = to_wgs84(float(position["longitude"]), float(position["latitude"]), datum)
            place = Place(found.lon, found.lat)
        except (Invalid, ValueError) as error:
            facts = error.facts if isinstance(error, Invalid) else {}
            problems.append(DataProblem("address.position_value", subject, path, dict(facts)))
    return (
        Home(
            text=address_text(address),
            place=place,
            floor=int(dwelling.get("floor") or 1),
            lift=dwelling.get("lift"),
            note=str(dwelling.get("note") or ""),
        ),
        problems,
    )


def elder(patient: Json, street: StreetId | None) -> tuple[Elder, list[DataProblem]]:
    """The facts of one Patient."""
    where, problems = home(patient)
    return (
        Elder(
            id=ElderId(patient["id"]),
            name=name(patient),
            gender=patient.get("gender", "unknown"),
            birth=day(patient.get("birthDate")),
            street=street,
            home=where,
            phone=phone(patient),
            dead=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        ),
        problems,
    )


def qualifications(practitioner: Json) -> tuple[Qualification, ...]:
    """Licences that a rule knows, with their periods."""
    return tuple(
        Qualification(
            Licence(code),
            day(held.get("period", {}).get("start")),
            last_day(held.get("period", {}).get("end")),
        )
        for held in practitioner.get("qualification", ())
        for code in codes(held.get("code"), system("licence"))
        if code in set(Licence)
    )


Span = tuple[int, int]
"""From and to, seconds after 00:00 of a service day; either may lie outside the day."""


def shifts(role: Json, on: date, busy: Iterable[Span] = ()) -> tuple[Shift, ...]:
    """Working times of a PractitionerRole on one day, absences and appointments cut out.

    An entry without hours (`allDay`) counts as the whole day. Hours that end past midnight belong
    to the day they begin on.

    Parameters
    ----------
    busy
        Appointments of the person.
    """
    if role.get("active") is False or not within(role.get("period", {}), on):
        return ()
    found: list[Span] = []
    rests: list[Rest] = []
    for entry in role.get("availableTime", ()):
        if WEEKDAYS[on.weekday()] not in entry.get("daysOfWeek", WEEKDAYS):
            continue
        start = seconds(entry.get("availableStartTime", "00:00:00"))
        end = seconds(entry.get("availableEndTime", "00:00:00"))
        found.append((start, end if end > start else end + DAY))
        rests += [one for one in breaks(entry) if one is not None]
    absences = (span(one.get("during", {}), on) for one in role.get("notAvailable", ()))
    for gone in [*absences, *busy]:
        found = [piece for whole in found for piece in _without(whole, gone)]
    rests.sort(key=lambda rest: (rest.earliest, rest.latest))
    return tuple(
        Shift(start, end, rests=tuple(r for r in rests if r.earliest < end and start < r.end))
        for start, end in _merged(found)
    )


def breaks(entry: Json) -> Iterator[Rest | None]:
    """Breaks of one entry of `availableTime`; None for one that lacks what it needs."""
    shift = seconds(entry.get("availableStartTime", "00:00:00"))
    for one in extensions(entry, extension_url("shift-break")):
        given = parts(one)
        try:
            start, minutes = seconds(given["start"]), int(given.get("minutes") or 0)
            end = seconds(given["end"]) if given.get("end") else start + 60 * minutes
            # A time before the shift begins is that of the day after.
            start, end = (at + DAY if at < shift else at for at in (start, end))
            length = 60 * minutes or end - start
            yield Rest(start, end - length, length)
        except (KeyError, TypeError, ValueError, Invalid):
            yield None


def within(period: Json, on: date) -> bool:
    """Whether a day lies in a FHIR Period; open ends reach for ever."""
    start, end = day(period.get("start")), last_day(period.get("end"))
    return (start is None or start <= on) and (end is None or on <= end)


def span(during: Json, on: date) -> Span:
    """Bounds of a Period in seconds of the day `on`; open ends reach beyond any shift."""

    def bound(text: str | None, default: int, whole_day: int) -> int:
        if not text:
            return default
        if "T" in text:
            moment = datetime.fromisoformat(text).astimezone(ZONE)
            return (moment.date() - on).days * DAY + of_clock(moment.time())
        found = last_day(text) if whole_day else day(text)
        assert found is not None
        return (found - on).days * DAY + whole_day

    return bound(during.get("start"), -3 * DAY, 0), bound(during.get("end"), 3 * DAY, DAY)


def _without(span: tuple[int, int], gone: tuple[int, int]) -> list[tuple[int, int]]:
    pieces = [(span[0], min(span[1], gone[0])), (max(span[0], gone[1]), span[1])]
    kept = [(a, b) for a, b in pieces if a < b]
    return kept if gone[0] < span[1] and gone[1] > span[0] else [span]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    # A shift must start inside its own day; what is left of an absence past midnight does not.
    return [(start, end) for start, end in merged if start < DAY]


def position(location: Json) -> Place | None:
    """WGS-84 point of a Location, or None."""
    at = location.get("position", {})
    if "longitude" not in at or "latitude" not in at:
        return None
    return Place(float(at["longitude"]), float(at["latitude"]))


def staff(
    role: Json,
    practitioner: Json,
    street: StreetId,
    base: Place | None,
    on: date,
    busy: Iterable[Span] = (),
) -> Staff:
    """One bookable person on one day; `busy`: their appointments, seconds of that day."""
    levels = levels_on(qualifications(practitioner), on)
    named = [code for code in codes(role.get("code"), system("staff-role")) if code in set(Role)]
    by_level = {"D": Role.DOCTOR, "N": Role.NURSE}
    mode: TravelMode = "e-bike" if extension_value(role, "travel-mode") == "e-bike" else "walk"
    return Staff(
        id=StaffId(role["id"]),
        name=name(practitioner),
        organization=OrganizationId(reference(role.get("organization"), "Organization")),
        street=street,
        role=Role(named[0]) if named else by_level.get(levels[0] if levels else "", Role.CAREGIVER),
        gender=practitioner.get("gender", "unknown"),
        mode=mode,
        base=base,
        levels=levels,
        shifts=shifts(role, on, busy),
        languages=tuple(
            str(coding["code"])
            for spoken in practitioner.get("communication", ())
            for coding in spoken.get("coding", ())
            if "code" in coding
        ),
        overtime=60 * int(extension_value(role, "overtime-minutes") or 0),
    )
