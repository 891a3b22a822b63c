"""How does an EpisodeOfCare say what a bed at home is, and how does it become another state?

Paths are listed in `docs/fhir-mapping.md`. A step changes only what it decides; what others wrote
in the resource stays.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date, datetime

from carecoord.errors import Missing
from carecoord.fhir import amend, read
from carecoord.fhir.compose import Json, concept, derived_id, ref, stamp
from carecoord.fhir.read import extension_url
from carecoord.model.beds import STATUS, Bed, BedKind, BedState, state_of_status
from carecoord.model.ids import BedId, ElderId, OrganizationId, StaffId
from carecoord.model.rounds import ITEM, RoundKind
from carecoord.model.time import ZONE
from carecoord.store.documents import Document

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def kind_of(episode: Json) -> BedKind | None:
    """The kind of bed an EpisodeOfCare is; None for any other episode."""
    found = read.codes(episode.get("type"), read.system("bed-kind"))
    return next((BedKind(code) for code in found if code in set(BedKind)), None)


def state_of(episode: Json) -> BedState | None:
    """The state an EpisodeOfCare says, else the one its status means; None: entered in error."""
    said = read.extension_value(episode, "bed-state")
    if said in set(BedState) and STATUS[BedState(said)] == episode.get("status"):
        return BedState(said)
    return state_of_status(str(episode.get("status")))


def bed(document: Document) -> Bed:
    """The facts of a bed.

    Raises
    ------
    Missing
        `bed.none`: the episode is no bed of a kind we know, or was entered in error.
    """
    episode = document.resource
    kind, state = kind_of(episode), state_of(episode)
    if kind is None or state is None:
        raise Missing("bed.none", bed=document.id)
    cycle = read.extension_value(episode, "bed-cycle")
    taken = tuple(_taken(episode))
    opened = next((at for one, at in taken if one is BedState.OPENED), None)
    return Bed(
        id=BedId(document.id),
        kind=kind,
        state=state,
        elder=ElderId(read.reference(episode.get("patient"), "Patient")),
        organization=OrganizationId(
            read.reference(episode.get("managingOrganization"), "Organization")
        ),
        version=document.version,
        manager=_manager(episode),
        opened=_opened(episode, opened),
        cycle=_days(cycle) if cycle else None,
        reason=str(read.extension_value(episode, "bed-reason") or ""),
        stable=bool(read.extension_value(episode, "bed-stable")),
        taken=taken,
        linked=tuple(
            BedId(target)
            for one in read.extensions(episode, extension_url("linked-bed"))
            if (target := read.reference(one.get("valueReference"), "EpisodeOfCare"))
        ),
    )


def _taken(episode: Json) -> Iterable[tuple[BedState, datetime]]:
    for one in read.extensions(episode, extension_url("bed-step")):
        parts = read.parts(one)
        if parts.get("state") in set(BedState) and parts.get("at"):
            yield BedState(parts["state"]), datetime.fromisoformat(parts["at"])


def _manager(episode: Json) -> StaffId | None:
    found = read.reference(episode.get("careManager"), "PractitionerRole")
    return StaffId(found) if found else None


def _opened(episode: Json, opened: datetime | None) -> date | None:
    if opened is not None:
        return opened.astimezone(ZONE).date()
    if episode.get("status") in ("planned", "waitlist", "cancelled"):
        return None
    return read.day(episode.get("period", {}).get("start"))


def _days(period: Json) -> tuple[date, date] | None:
    start, end = read.day(period.get("start")), read.last_day(period.get("end"))
    return (start, end) if start and end else None


def new(id_: str, kind: BedKind, elder: str, organization: str, referral: str = "") -> Json:
    """A bed without a state yet, to be `moved` into its first; `referral` is a ServiceRequest."""
    episode: Json = {
        "resourceType": "EpisodeOfCare",
        "id": id_,
        "type": [concept("bed-kind", kind.value)],
        "patient": ref("Patient", elder),
        "managingOrganization": ref("Organization", organization),
    }
    if referral:
        episode["referralRequest"] = [ref("ServiceRequest", referral)]
    return episode


def moved(
    episode: Json,
    to: BedState,
    at: datetime,
    *,
    reason: str = "",
    manager: str = "",
) -> Json:
    """A copy of a bed in another state from `at` on, with its whole history.

    reason
        Of a suspension or closing; every other step clears it, but what closed a bed stays said.
    manager
        PractitionerRole that is responsible from now on; empty = as before.
    """
    status, day = STATUS[to], at.astimezone(ZONE).date().isoformat()
    changed = deepcopy(episode)
    history = changed.get("statusHistory", [])
    if not history or history[-1].get("status") != status:
        changed = amend.bed_status(episode, status, day)
    if to is BedState.OPENED:
        changed.setdefault("period", {})["start"] = day
    elif status == "cancelled" and "start" not in changed.get("period", {}):
        changed.pop("period", None)
    if manager:
        changed["careManager"] = ref("PractitionerRole", manager)
    _set(changed, "bed-state", valueCode=to.value)
    changed.setdefault("extension", []).append(
        {
            "url": extension_url("bed-step"),
            "extension": [
                {"url": "state", "valueCode": to.value},
                {"url": "at", "valueDateTime": stamp(at)},
            ],
        }
    )
    if reason:
        _set(changed, "bed-reason", valueCode=reason)
    elif to is not BedState.CLOSED:
        _drop(changed, "bed-reason")
    return changed


def with_cycle(episode: Json, first: date, last: date) -> Json:
    """A copy with another cycle."""
    changed = deepcopy(episode)
    _set(changed, "bed-cycle", valuePeriod={"start": first.isoformat(), "end": last.isoformat()})
    return changed


def with_stable(episode: Json, stable: bool) -> Json:
    """A copy that says whether the person is stable."""
    changed = deepcopy(episode)
    _set(changed, "bed-stable", valueBoolean=stable)
    return changed


def with_reason(episode: Json, reason: str) -> Json:
    """A copy that is suspended for another reason."""
    changed = deepcopy(episode)
    _set(changed, "bed-reason", valueCode=reason)
    return changed


def with_link(episode: Json, other: str) -> Json:
    """A copy that names another bed of the same person; named before, it stays as it is."""
    changed = deepcopy(episode)
    target = ref("EpisodeOfCare", other)
    present = read.extensions(changed, extension_url("linked-bed"))
    if all(one.get("valueReference") != target for one in present):
        changed.setdefault("extension", []).append(
            {"url": extension_url("linked-bed"), "valueReference": target}
        )
    return changed


def _set(resource: Json, name: str, **value: object) -> None:
    _drop(resource, name)
    resource.setdefault("extension", []).append({"url": extension_url(name), **value})


def _drop(resource: Json, name: str) -> None:
    kept = [e for e in resource.get("extension", ()) if e.get("url") != extension_url(name)]
    if kept:
        resource["extension"] = kept
    else:
        resource.pop("extension", None)


def capacity(organization: Json) -> Mapping[BedKind, int]:
    """Licensed number of beds by kind, as the Organization says; one not named is not limited."""
    found = {}
    for one in read.extensions(organization, extension_url("bed-capacity")):
        parts = read.parts(one)
        if parts.get("kind") in set(BedKind) and parts.get("beds") is not None:
            found[BedKind(parts["kind"])] = int(parts["beds"])
    return found


def with_capacity(organization: Json, kind: BedKind, beds: int) -> Json:
    """A copy of an Organization with a licensed number of beds of one kind."""
    changed = deepcopy(organization)
    url = extension_url("bed-capacity")
    others = [
        e
        for e in changed.get("extension", ())
        if e.get("url") != url or read.parts(e).get("kind") != kind.value
    ]
    number = {"url": "beds", "valueUnsignedInt": beds}
    parts = [{"url": "kind", "valueCode": kind.value}, number]
    changed["extension"] = [*others, {"url": url, "extension": parts}]
    return changed


def round_done(bed: Bed, kind: RoundKind, performer: str, at: datetime, note: str) -> Json:
    """A round, or a call, as an Encounter of the bed."""
    encounter: Json = {
        "resourceType": "Encounter",
        "id": derived_id("round", bed.id, kind.value, stamp(at)),
        "status": "finished",
        "class": {"system": _ACT_CODE, "code": "VR" if kind is RoundKind.CALL else "HH"},
        "type": [concept("bed-round", kind.value, note)],
        "subject": ref("Patient", bed.elder),
        "episodeOfCare": [ref("EpisodeOfCare", bed.id)],
        "period": {"start": stamp(at), "end": stamp(at)},
        "serviceProvider": ref("Organization", bed.organization),
    }
    if kind in ITEM:
        encounter["type"].append(concept("service-item", ITEM[kind]))
    if performer:
        encounter["participant"] = [{"individual": ref("PractitionerRole", performer)}]
    return encounter


def round_kinds(encounter: Json) -> set[RoundKind]:
    """Which rounds a finished Encounter counts as."""
    said = read.codes(encounter.get("type"), read.system("bed-round"))
    items = read.codes(encounter.get("type"), read.system("service-item"))
    return {kind for kind in RoundKind if kind.value in said or ITEM.get(kind) in items}


def last_rounds(encounters: Iterable[Json]) -> dict[RoundKind, date]:
    """The last day of each kind of round among finished Encounters."""
    found: dict[RoundKind, date] = {}
    for one in encounters:
        on = read.day(one.get("period", {}).get("start"))
        for kind in round_kinds(one):
            if on is not None and on >= found.get(kind, on):
                found[kind] = on
    return found
