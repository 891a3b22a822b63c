"""A change of one visit that all that follow share: the plan is split at its day."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from carecoord.access import Caller
from carecoord.errors import Conflict
from carecoord.fhir import integrated as shape
from carecoord.fhir import read
from carecoord.fhir.read import WEEKDAYS, Json, extension_url
from carecoord.fhir.timing import UnreadableError, clock_time, recurrence
from carecoord.flows import plan as whole
from carecoord.flows import tasks
from carecoord.model.edits import Change, Scope, VisitEdit, Which
from carecoord.model.ids import ElderId, PlanId, StreetId
from carecoord.model.plans import Window
from carecoord.model.policy import Rules
from carecoord.planning import expand
from carecoord.planning.recur import days_of
from carecoord.store import edits
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def apply(
    tx: Tx,
    caller: Caller,
    stored: Document,
    elder: ElderId,
    street: StreetId,
    which: Which,
    scope: Scope,
    change: Change,
    reason: str,
    rules: Rules,
) -> Document:
    """Split the tasks of a visit: as they were up to the day before, changed from it on.

    Of a visit that was joined from several, only the tasks of the group named change. With
    `following` decisions by hand about later visits give way; with `following-unedited` they stay.
    """
    at = tasks.require_group(stored.resource, which.group)
    before = shape.day_before(which.day)
    activity: list[Json] = []
    turn = _turn(which, change)
    reached = [k for k in at if _reaches(stored.resource["activity"][k]["detail"], which.day)]
    for k, one in enumerate(stored.resource["activity"]):
        detail = one.get("detail", {})
        if k not in reached:
            activity.append(one)
            continue
        activity.append(one | {"detail": shape.ends(detail, before)})
        if not change.skip:
            activity.append({"detail": _amended(detail, which, change, turn, len(reached))})
    changed = {**stored.resource, "activity": activity}
    whole.require_sound(tx, elder, changed, rules)
    done = whole.record(tx, caller, stored, changed, "plan-task-changed", note=reason)
    decided = edits.following(tx, PlanId(stored.id), which.group, which.day)
    for one in decided:
        own = (one.day, one.occasion) == (which.day, which.occasion)
        if scope == "following" or own:
            edits.remove(tx, one.plan, one.group, one.day, one.occasion)
    if scope == "following-unedited" and turn is not None:
        kept = [one for one in decided if one.day != which.day]
        _keep_apart(tx, street, done, which, kept, turn)
    return done


def _reaches(detail: Json, day: date) -> bool:
    """Whether an activity has days from `day` on."""
    period = detail.get("scheduledTiming", {}).get("repeat", {}).get("boundsPeriod", {})
    end = read.last_day(period.get("end"))
    return end is None or end >= day


def _turn(which: Which, change: Change) -> int | None:
    """Days by which all that follow are moved."""
    if change.day is None or change.day == which.day:
        return None
    return (change.day - which.day).days


def _amended(detail: Json, which: Which, change: Change, turn: int | None, shared: int) -> Json:
    """An activity from the visit on, with the change."""
    made = deepcopy(shape.starts(detail, (change.day or which.day)))
    repeat = made["scheduledTiming"]["repeat"]
    if change.window is not None:
        if len(repeat.get("timeOfDay", ())) > 1 or len(repeat.get("when", ())) > 1:
            raise Conflict("visit.many_times", field="window", group=which.group)
        for name in ("timeOfDay", "when"):
            repeat.pop(name, None)
        shape.replace_extension(made, "visit-window", _window(change.window))
    if turn is not None:
        _move_days(made, which, turn)
    if change.minutes is not None:
        own = {"url": extension_url("visit-minutes"), "valuePositiveInt": change.minutes}
        shape.replace_extension(made, "visit-minutes", own)
        # Tasks must fit the visit: each gets its share at most.
        repeat |= {"duration": max(1, change.minutes // shared), "durationUnit": "min"}
    if change.carers is not None:
        extensions = [{"url": extension_url("carers"), "valuePositiveInt": change.carers}]
        shape.replace_extension(made, "carers", *(extensions if change.carers > 1 else ()))
    if change.carer is not None:
        made["performer"] = [{"reference": f"PractitionerRole/{change.carer}"}]
    return made


def _window(window: Window) -> Json:
    return {
        "url": extension_url("visit-window"),
        "extension": [
            {"url": "start", "valueTime": clock_time(window[0])},
            {"url": "end", "valueTime": clock_time(window[1])},
        ],
    }


def _move_days(detail: Json, which: Which, turn: int) -> None:
    """Weekdays move along; a spread counts from the new day."""
    timing = detail["scheduledTiming"]
    repeat = timing["repeat"]
    if repeat.get("dayOfWeek"):
        moved = {(WEEKDAYS.index(day) + turn) % 7 for day in repeat["dayOfWeek"]}
        repeat["dayOfWeek"] = [WEEKDAYS[day] for day in sorted(moved)]
        return
    if repeat.get("periodUnit", "d") == "d" and float(repeat.get("period", 1)) == 1:
        raise Conflict("visit.daily", field="day", group=which.group)
    at = (which.day + timedelta(days=turn)).isoformat()
    shape.replace_extension(
        timing, "visit-anchor", {"url": extension_url("visit-anchor"), "valueDate": at}
    )


def _keep_apart(
    tx: Tx,
    street: StreetId,
    done: Document,
    which: Which,
    kept: Sequence[VisitEdit],
    turn: int,
) -> None:
    """Decisions that stay stand for the moved visit of their turn, so none is made twice."""
    for one in kept:
        day = _nearest(done.resource, which.group, one.day + timedelta(days=turn))
        if day is not None and day != one.day:
            edits.remove(tx, one.plan, one.group, one.day, one.occasion)
            edits.put(tx, street, replace(one, day=day))


def _nearest(plan: Json, group: str, day: date) -> date | None:
    """The day of the group's new recurrence that lies next to `day`."""
    found: list[date] = []
    for at in shape.in_group(plan, group):
        timing: dict[str, Any] = plan["activity"][at]["detail"]["scheduledTiming"]
        try:
            asked = recurrence(timing, plan.get("period", {}))
        except UnreadableError:
            continue
        start = expand.anchor(PlanId(plan["id"]), group)
        found += days_of(asked, start, day - timedelta(days=7), 15)
    return min(found, key=lambda d: (abs((d - day).days), d), default=None)
