"""Who is on the way when, by the plans of many days?"""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Select, Table, select

from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.visits import Homeward, Pause, Stop
from carecoord.store.engine import Tx
from carecoord.store.tables import day_plan, homeward, pause, stop

Routes = tuple[list[Stop], list[Homeward], list[Pause]]


def routes(
    tx: Tx, street: StreetId, first: date, last: date, *, only_published_after: date | None = None
) -> dict[date, Routes]:
    """Stops, ways home and breaks of each planned day, without their lines.

    only_published_after
        Of later days than this, only those that people were told.
    """
    found: dict[date, Routes] = defaultdict(lambda: ([], [], []))

    def within(chosen: Select[Any], table: Table) -> Select[Any]:
        limited = chosen.where(table.c.street == street, table.c.day.between(first, last))
        if only_published_after is None:
            return limited
        told = select(day_plan.c.day).filter_by(street=street, state="published")
        return limited.where((table.c.day <= only_published_after) | table.c.day.in_(told))

    c = stop.c
    chosen = select(c.day, c.staff, c.demand, c.order, c.arrival, c.start, c.end, c.travel)
    for row in tx.execute(within(chosen, stop)):
        day, staff, demand, *numbers = row
        found[day][0].append(Stop(StaffId(staff), DemandId(demand), *numbers))
    homes = select(homeward.c.day, homeward.c.staff, homeward.c.travel, homeward.c.arrival)
    for day, staff, travel, arrival in tx.execute(within(homes, homeward)):
        found[day][1].append(Homeward(StaffId(staff), travel, arrival))
    breaks = select(pause.c.day, pause.c.staff, pause.c.start, pause.c.end)
    for day, staff, start, end in tx.execute(within(breaks, pause)):
        found[day][2].append(Pause(StaffId(staff), start, end))
    return dict(found)
