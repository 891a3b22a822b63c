"""What proves that a visit took place, read from its Encounter."""

from collections.abc import Iterable
from dataclasses import dataclass

from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.store.visit_resources import VISIT

__all__ = ["VISIT", "Evidence", "of_visits"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an Encounter says of one visit.

    encounter
        `Encounter/…`.
    start, end
        FHIR times of arrival and leaving, or empty.
    metres
        Distance from the home at check-in; None = not measured.
    confirmed
        The person or their family confirmed the visit.
    items
        Codes of the service items done.
    """

    encounter: str
    start: str = ""
    end: str = ""
    metres: int | None = None
    confirmed: bool = False
    items: tuple[str, ...] = ()

    def kinds(self, most_metres: int) -> tuple[str, ...]:
        """Which of the pack's kinds of evidence there are."""
        present = {
            "check_in": bool(self.start),
            "check_out": bool(self.end),
            "distance": self.metres is not None and self.metres <= most_metres,
            "person_confirmation": self.confirmed,
            "item_list": bool(self.items),
        }
        return tuple(kind for kind, there in present.items() if there)


def of_visits(encounters: Iterable[Json]) -> dict[str, Evidence]:
    """Demand id → evidence, of Encounters that took place."""
    found = {}
    for one in encounters:
        visit = read.identifier(one, VISIT)
        if not visit or one.get("status") not in ("arrived", "in-progress", "finished"):
            continue
        period = one.get("period", {})
        metres = read.extension_value(one, "check-in-metres")
        items = read.extensions(one, read.extension_url("item-done"))
        found[visit] = Evidence(
            encounter=f"Encounter/{one['id']}",
            start=str(period.get("start", "")),
            end=str(period.get("end", "")),
            metres=metres if isinstance(metres, int) else None,
            confirmed=read.extension_value(one, "person-confirmed") is True,
            items=tuple(str(e["valueCode"]) for e in items if "valueCode" in e),
        )
    return found
