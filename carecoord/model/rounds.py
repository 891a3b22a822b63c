"""What is due on a bed, by which rule, and until when?"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from carecoord.model.beds import SERVING, Bed, BedKind, BedState
from carecoord.model.ids import BedId, ElderId, OrganizationId
from carecoord.model.policy import RuleRef, Rules
from carecoord.model.time import DAY, instant


class RoundKind(StrEnum):
    """What somebody does at, or for, an open bed and records as an Encounter."""

    ROUND = "round"
    SENIOR = "senior_round"
    NURSE = "nurse_visit"
    CALL = "review_call"
    HOME = "review_home"


ITEM = {RoundKind.ROUND: "101", RoundKind.SENIOR: "102"}
"""Service items that stand for a round in an Encounter that others write."""

OF_KIND = {
    BedKind.HOME_HOSPITAL: (RoundKind.ROUND, RoundKind.SENIOR, RoundKind.NURSE),
    BedKind.FAMILY: (RoundKind.CALL, RoundKind.HOME),
}
"""What there is to do at each kind of bed."""


@dataclass(frozen=True, slots=True)
class Done:
    """What has been done for a bed.

    last
        The last day of each kind of round.
    planned
        A plan that serves the bed is in force.
    assessed
        The day of the newest assessed level, None without one.
    """

    last: Mapping[RoundKind, date]
    planned: bool
    assessed: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to be done at the latest by an instant; `rule` is the row that says so."""

    bed: BedId
    elder: ElderId
    organization: OrganizationId
    what: str
    by: datetime
    rule: RuleRef

    def late(self, now: datetime) -> bool:
        """Whether the instant has passed."""
        return now > self.by


def due(bed: Bed, done: Done, rules: Rules) -> tuple[Due, ...]:
    """Everything that is next due on a bed, the earliest first.

    A suspended bed has no rounds; after it is resumed they count from that day.
    """
    of_kind = _of_home if bed.kind is BedKind.HOME_HOSPITAL else _of_family
    ready = [
        Due(
            bed.id,
            bed.elder,
            bed.organization,
            what,
            by if isinstance(by, datetime) else instant(by, DAY - 1),
            rules.row(rule).ref,
        )
        for what, by, rule in of_kind(bed, done, rules)
    ]
    return tuple(sorted(ready, key=lambda one: (one.by, one.what)))


_Line = tuple[str, date | datetime, str]
"""What, until when, and by which rule."""


def _of_home(bed: Bed, done: Done, rules: Rules) -> Iterator[_Line]:
    yield from _paper(bed, rules)
    if bed.state in SERVING:
        if bed.cycle is not None:
            yield "cycle_end", bed.cycle[1], "home_bed.cycle_days"
        yield from _rounds(bed, done, rules)


def _paper(bed: Bed, rules: Rules) -> Iterator[_Line]:
    """What has to be written or visited once, in hours."""
    clocks = {
        BedState.APPLIED: ("home_visit", BedState.APPLIED, "home_bed.home_visit_hours"),
        BedState.SCREENED: ("home_visit", BedState.APPLIED, "home_bed.home_visit_hours"),
        BedState.OPENED: ("first_record", BedState.OPENED, "home_bed.first_record_hours"),
        BedState.CLOSING: ("close_summary", BedState.CLOSING, "home_bed.close_summary_hours"),
    }
    if bed.state in clocks:
        what, began, rule = clocks[bed.state]
        if at := bed.since(began):
            yield what, at + timedelta(hours=rules.number(rule)), rule


def _rounds(bed: Bed, done: Done, rules: Rules) -> Iterator[_Line]:
    start = _served_from(bed)
    if start is None:
        return
    every = "home_bed.round_days_stable" if bed.stable else "home_bed.round_days"
    last = _since(done, RoundKind.ROUND, start)
    senior = done.last.get(RoundKind.SENIOR)
    # A senior round is a round too.
    if senior is not None:
        last = max(last, senior)
    yield RoundKind.ROUND.value, last + timedelta(days=rules.number(every)), every
    if senior is None:
        first = "home_bed.senior_first_days"
        yield RoundKind.SENIOR.value, start + timedelta(days=rules.number(first)), first
    else:
        months = "home_bed.senior_months"
        since = max(senior, start)
        yield RoundKind.SENIOR.value, months_later(since, rules.number(months)), months
    week = "home_bed.nurse_per_week"
    nurse = _since(done, RoundKind.NURSE, start)
    yield RoundKind.NURSE.value, nurse + timedelta(days=7 // rules.number(week)), week


def _of_family(bed: Bed, done: Done, rules: Rules) -> Iterator[_Line]:
    start = _served_from(bed)
    if bed.state not in SERVING or start is None:
        return
    if not done.planned:
        rule = "family_bed.plan_days"
        yield "plan", start + timedelta(days=rules.number(rule)), rule
    for kind, rule in (
        (RoundKind.CALL, "family_bed.review_call_months"),
        (RoundKind.HOME, "family_bed.review_home_months"),
    ):
        last = _since(done, kind, start)
        yield kind.value, months_later(last, rules.number(rule)), rule
    rule = "family_bed.assessment_months"
    by = months_later(done.assessed, rules.number(rule)) if done.assessed else start
    yield "assessment", by, rule


def _served_from(bed: Bed) -> date | None:
    """The first day of the bed, or that of its last resumption."""
    after_pause = [
        at
        for (before, _), (state, at) in zip(bed.taken, bed.taken[1:], strict=False)
        if state is BedState.ACTIVE and before in (BedState.SUSPENDED, BedState.RESUME_REVIEW)
    ]
    if not after_pause:
        return bed.opened
    resumed = bed.since_day(BedState.ACTIVE)
    return max(filter(None, (resumed, bed.opened)), default=None)


def _since(done: Done, kind: RoundKind, start: date) -> date:
    return max(done.last.get(kind, start), start)


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; the last day of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
