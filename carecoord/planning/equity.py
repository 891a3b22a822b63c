"""Who gets visits late, not at all, or from strangers: by age, place and payer? Pure.

Small groups are not shown, and never can be worked out from the others: nobody shall be
recognised in a table.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carecoord.model.places import Place
from carecoord.planning.continuity import Called

SMALLEST = 5
"""People below which a group is not shown."""

_BANDS = ((0, 59), (60, 69), (70, 79), (80, 89), (90, 200))
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Cell:
    """One group of people; None where it is too small to be shown.

    late, unserved, strange
        Visits that began late, of those made; that were not made, of all asked; that were made by
        somebody who came to that person for the first time, of those made.
    """

    dimension: str
    group: str
    people: int | None
    asked: int | None
    late: int | None
    unserved: int | None
    strange: int | None

    @property
    def hidden(self) -> bool:
        """Too small, or it would show one that is."""
        return self.people is None

    @property
    def late_rate(self) -> float | None:
        """Late ÷ made."""
        return _rate(self.late, self._made)

    @property
    def unserved_rate(self) -> float | None:
        """Unserved ÷ asked."""
        return _rate(self.unserved, self.asked)

    @property
    def strange_rate(self) -> float | None:
        """By a stranger ÷ made."""
        return _rate(self.strange, self._made)

    @property
    def _made(self) -> int | None:
        if self.asked is None or self.unserved is None:
            return None
        return self.asked - self.unserved


def table(
    calls: Sequence[Called],
    strange: Iterable[str],
    groups: Mapping[str, Mapping[str, str]],
    *,
    smallest: int = SMALLEST,
) -> tuple[Cell, ...]:
    """One row for each group of each dimension, and one for everybody.

    Parameters
    ----------
    strange
        Visits at which somebody came for the first time.
    groups
        Dimension → elder → group; everybody is in one group of each dimension.
    """
    new = frozenset(strange)
    found = [_shown([_cell("all", "*", calls, new)], smallest)]
    for dimension, of in groups.items():
        mine: dict[str, list[Called]] = defaultdict(list)
        for one in calls:
            mine[of.get(one.elder, UNKNOWN)].append(one)
        cells = [_cell(dimension, group, some, new) for group, some in sorted(mine.items())]
        found.append(_shown(cells, smallest))
    return tuple(cell for cells in found for cell in cells)


def age_band(birth: date | None, day: date) -> str:
    """The band of ages somebody is in, such as `80-89`."""
    if birth is None:
        return UNKNOWN
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    low, high = next((band for band in _BANDS if band[0] <= years <= band[1]), (-1, -1))
    if low < 0:
        return UNKNOWN
    return f"{low}+" if high == _BANDS[-1][1] else f"{low}-{high}"


def cluster(place: Place | None) -> str:
    """The square of a hundredth of a degree (about 1 km) in which somebody lives."""
    return UNKNOWN if place is None else f"{place.lat:.2f},{place.lon:.2f}"


def _cell(dimension: str, group: str, calls: Sequence[Called], new: frozenset[str]) -> Cell:
    made = [one for one in calls if one.outcome == "made"]
    return Cell(
        dimension=dimension,
        group=group,
        people=len({one.elder for one in calls}),
        asked=len(calls),
        late=sum(one.late > 0 for one in made),
        unserved=len(calls) - len(made),
        strange=sum(one.visit in new for one in made),
    )


def _shown(cells: Sequence[Cell], smallest: int) -> list[Cell]:
    """Hide small groups, and one more where a single one could be worked out from the whole."""
    small = {c.group for c in cells if (c.people or 0) < smallest}
    if (
        len(cells) > 1
        and sum(c.people or 0 for c in cells if c.group in small) < smallest
        and small
    ):
        rest = sorted((c for c in cells if c.group not in small), key=lambda c: (c.people, c.group))
        small |= {c.group for c in rest[:1]}
    return [_hidden(cell) if cell.group in small else cell for cell in cells]


def _hidden(cell: Cell) -> Cell:
    return Cell(cell.dimension, cell.group, None, None, None, None, None)


def _rate(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None
