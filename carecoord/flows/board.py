"""A planned day for people: names, addresses and reasons beside the bare stops."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from carecoord.access import Caller, require
from carecoord.errors import Missing
from carecoord.flows import networks, register, roster
from carecoord.model.board import (
    BoardPause,
    BoardRoute,
    BoardUnserved,
    BoardVisit,
    DayBoard,
    DaySummary,
    StreetDays,
)
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.staff import Staff
from carecoord.model.visits import DayKey, DayPlan, Stop
from carecoord.packs.load import load
from carecoord.store import days, demands
from carecoord.store.engine import Tx
from carecoord.streets import Network


def streets(tx: Tx, caller: Caller) -> tuple[StreetDays, ...]:
    """Streets of the caller, with the days that have a plan."""
    found = []
    for code in register.streets(tx):
        if not caller.covers(code):
            continue
        numbers = days.counts(tx, code)
        found.append(
            StreetDays(
                street=code,
                name=register.street(tx, code).name,
                days=tuple(
                    DaySummary(state.key.day, state.state, *numbers.get(state.key.day, (0, 0)))
                    for state in days.of_street(tx, code)
                ),
            )
        )
    return tuple(found)


def day(tx: Tx, caller: Caller, street: StreetId, on: date) -> DayBoard:
    """One street-day as the board shows it; `empty` when nothing is planned yet.

    Raises
    ------
    Missing
        There is no such street.
    """
    require(caller, "day.read", street)
    of = register.street(tx, street)
    key = DayKey(street, on)
    state = days.state(tx, key)
    found, _ = register.staff_on(tx, of, on)
    staff = roster.at_work(tx, street, found, on)
    if state is None:
        return DayBoard(
            street, of.name, on, "empty", 0, None, (), (), {}, estimated=False, attribution=""
        )
    plan = days.read(tx, key)
    elders, _ = register.elders(tx, of)
    wanted = {d.id: d for d in demands.on(tx, street, on)}
    names = {id_: str(one.get("name", id_)) for id_, one in of.organizations.items()}
    routes = _Routes(plan, wanted, elders, staff, names)
    return DayBoard(
        street=street,
        street_name=of.name,
        day=on,
        state=state.state,
        version=state.version,
        published_at=state.published_at,
        routes=tuple(routes.of(one) for one in staff if one.shifts or routes.called(one.id)),
        unserved=tuple(
            _unserved(u.demand, u.code, u.facts, wanted, elders)
            for u in sorted(plan.unserved, key=lambda u: (-_priority(wanted, u.demand), u.demand))
            if u.demand in wanted
        ),
        catalogue={
            item.code: {"zh_CN": item.zh, "en": item.en}
            for item in load().on(on, street).catalogue()
        },
        estimated=state.estimated,
        attribution=state.attribution,
    )


def network(tx: Tx, caller: Caller, street: StreetId, data: Path) -> str:
    """The street network as a GeoJSON FeatureCollection, to be drawn beneath routes.

    Raises
    ------
    Missing
        There is no such street, or it has no network.
    """
    require(caller, "day.read", street)
    register.street(tx, street)
    found = networks.of_street(tx, street, data)
    if found is None:
        raise Missing("street.no_network", street=street)
    return _geojson(found)


@lru_cache(maxsize=8)
def _geojson(found: Network) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"kind": kind},
            "geometry": {"type": "LineString", "coordinates": [[lon, lat] for lon, lat in line]},
        }
        for kind, line in found.drawing()
    ]
    collection = {
        "type": "FeatureCollection",
        "attribution": found.attribution,
        "features": features,
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


class _Routes:
    """Routes of one plan, with everything named."""

    def __init__(
        self,
        plan: DayPlan,
        wanted: Mapping[DemandId, VisitDemand],
        elders: Mapping[ElderId, Elder],
        staff: list[Staff],
        organizations: Mapping[str, str],
    ) -> None:
        self._plan, self._wanted, self._elders = plan, wanted, elders
        self._organizations = organizations
        self._names = {one.id: one.name for one in staff}
        self._stops: dict[StaffId, list[Stop]] = defaultdict(list)
        self._together: dict[DemandId, list[StaffId]] = defaultdict(list)
        for stop in plan.stops:
            self._stops[stop.staff].append(stop)
            self._together[stop.demand].append(stop.staff)

    def called(self, staff: StaffId) -> bool:
        """Whether somebody has a stop."""
        return staff in self._stops

    def of(self, one: Staff) -> BoardRoute:
        """The day of one staff member."""
        back = [h for h in self._plan.homeward if h.staff == one.id]
        return BoardRoute(
            staff=one.id,
            name=one.name,
            role=one.role,
            organization=self._organizations.get(one.organization, ""),
            mode=one.mode,
            base=one.base,
            shifts=one.shifts,
            visits=tuple(
                visit for stop in self._stops.get(one.id, ()) if (visit := self._visit(stop))
            ),
            pauses=tuple(
                BoardPause(p.start, p.end) for p in self._plan.pauses if p.staff == one.id
            ),
            home_travel=sum(h.travel for h in back),
            home_arrival=max((h.arrival for h in back), default=0),
            home_line=back[-1].line if back else (),
        )

    def _visit(self, stop: Stop) -> BoardVisit | None:
        demand = self._wanted.get(stop.demand)
        elder = self._elders.get(demand.elder) if demand else None
        if demand is None or elder is None or elder.home.place is None:
            return None
        others = [s for s in self._together[stop.demand] if s != stop.staff]
        return BoardVisit(
            demand=stop.demand,
            order=stop.order,
            elder=elder.id,
            elder_name=elder.name,
            elder_gender=elder.gender,
            elder_birth=elder.birth,
            phone=elder.phone,
            address=elder.home.text,
            floor=elder.home.floor,
            lift=bool(elder.home.lift),
            note=elder.home.note,
            place=elder.home.place,
            items=demand.items,
            programmes=demand.programmes,
            windows=demand.windows,
            travel=stop.travel,
            arrival=stop.arrival,
            start=stop.start,
            end=stop.end,
            partner="、".join(self._names.get(s, s) for s in others),
            line=stop.line,
        )


def _priority(wanted: Mapping[DemandId, VisitDemand], demand: DemandId) -> int:
    return wanted[demand].priority if demand in wanted else 0


def _unserved(
    id_: DemandId,
    code: str,
    facts: Mapping[str, str | int],
    wanted: Mapping[DemandId, VisitDemand],
    elders: Mapping[ElderId, Elder],
) -> BoardUnserved:
    demand = wanted[id_]
    elder = elders.get(demand.elder)
    return BoardUnserved(
        demand=id_,
        elder=demand.elder,
        elder_name=elder.name if elder else demand.elder,
        address=elder.home.text if elder else "",
        items=demand.items,
        windows=demand.windows,
        duration=demand.duration,
        carers=demand.carers,
        priority=demand.priority,
        code=code,
        facts=dict(facts),
    )
