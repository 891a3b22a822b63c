"""Which numbers of the policy pack does planning a day use?"""

from carecoord.errors import Invalid
from carecoord.model.plans import DayTimes, Window
from carecoord.model.policy import Rules
from carecoord.model.staff import Role
from carecoord.planning.problem import DayRules
from carecoord.streets import AccessTimes

_WHEN = {
    "MORN": "morning",
    "NOON": "noon",
    "AFT": "afternoon",
    "EVE": "evening",
    "NIGHT": "night",
}
"""FHIR EventTiming to the part of the day whose window the pack gives."""


def day_times(rules: Rules) -> DayTimes:
    """When visits may start."""
    return DayTimes(
        day=_span(rules, "day"),
        when={code: _span(rules, part) for code, part in _WHEN.items()},
        tolerance=60 * rules.number("visit.window_tolerance_minutes"),
    )


def day_rules(rules: Rules) -> DayRules:
    """Breaks, visit limits and the way to the door."""
    return DayRules(
        meal_break=60 * rules.number("work.meal_minutes"),
        meal_window=_pair(rules, "work.meal_window"),
        max_visits={role: rules.entry("visit.max_per_day", role.value) for role in Role},
        access=AccessTimes(
            parking=rules.number("travel.parking_seconds"),
            building=rules.number("travel.building_seconds"),
            per_floor=rules.number("travel.floor_seconds"),
            free_floors=rules.number("travel.free_floors"),
            lift_assumed_from=rules.number("travel.lift_assumed_from"),
        ),
    )


def _span(rules: Rules, part: str) -> Window:
    """The whole part of the day: from its first window's start to its last window's end."""
    windows = rules.windows(part)
    return min(start for start, _ in windows), max(end for _, end in windows)


def _pair(rules: Rules, rule_id: str) -> tuple[int, int]:
    match rules.entries(rule_id):
        case (int() as start, int() as end):
            return start, end
        case _:
            row = rules.row(rule_id)
            raise Invalid(
                "rule.kind",
                field=rule_id,
                rule=rule_id,
                expected="pair of clock times",
                file=row.source,
                line=row.line,
            )
