"""Whose address does not fit the street network?"""

from collections.abc import Mapping

from carecoord.model.problems import DataProblem
from carecoord.planning.problem import DayInput, Places
from carecoord.streets import Travel


def problems(day: DayInput, at: Places, travel: Mapping[str, Travel]) -> list[DataProblem]:
    """Homes and bases that a mode of travel reaches badly or not at all, for people to correct.

    Parameters
    ----------
    at, travel
        Rows of the matrices, and travel mode → times between them.
    """
    whose: dict[int, list[tuple[str, str]]] = {}
    row_of = {place: row for row, place in enumerate(at.rows)}
    for elder_id in sorted({d.elder for d in day.demands}):
        elder = day.elders.get(elder_id)
        if elder is not None and elder.home.place is not None:
            owner = (f"Patient/{elder.id}", "Patient.address")
            whose.setdefault(row_of[elder.home.place], []).append(owner)
    for one in day.staff:
        if one.base is not None:
            owner = (f"PractitionerRole/{one.id}", "PractitionerRole.location")
            whose.setdefault(row_of[one.base], []).append(owner)
    return [
        DataProblem(found.code, subject, path, dict(found.facts))
        for mode in sorted(travel)
        for found in travel[mode].problems
        for subject, path in whose.get(found.row, ())
    ]
