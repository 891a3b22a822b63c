"""Is there a valid assessment already? When is the next one due?"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.assessment.levels import SCALES
from carecoord.model.policy import Reading, RuleRef, Rules

Reason = Literal["other_person", "incomplete", "revoked", "later", "no_rule", "expired", "changed"]

VALIDITY = {
    "LTC37": "ltc37.valid_months",
    "GB42195": "gb42195.valid_months",
    "SH_LTC": "sh_ltc.valid_months",
}
"""Which row says how long a result of a scale is valid."""


@dataclass(frozen=True, slots=True)
class Past:
    """An assessment that was made, of whatever programme.

    id
        Of the QuestionnaireResponse or Observation.
    person
        Person key, the same for all records of one person.
    valid_until
        Last valid day if the result itself states one; the pack's limit still applies.
    revoked
        In dispute, withdrawn or entered in error.
    """

    id: str
    person: str
    scale: str
    assessed_on: date
    complete: bool = True
    valid_until: date | None = None
    revoked: bool = False

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise Invalid("level.scale", field="scale", scale=self.scale, allowed=", ".join(SCALES))


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to the person; kinds in `assessment.change_events`."""

    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a past assessment cannot be recognised."""

    id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Recognition:
    """The valid assessment to offer instead of a new one, or why there is none.

    offer
        `None` if a new assessment has to be made. Its scale stays its own: recognition
        reuses the result, it never turns it into a level of another scale.
    valid_until
        Last day of the offer.
    """

    offer: Past | None
    valid_until: date | None
    refused: tuple[Refused, ...]
    refs: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """When the next assessment has to be made.

    notice_from
        Day from which to show it.
    trigger
        `expiry`, or the kind of change.
    """

    on: date
    notice_from: date
    trigger: str
    refs: tuple[RuleRef, ...]


def after_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def valid_until(past: Past, read: Reading) -> date:
    """Last valid day: the day before the pack's months are over, or what the result states.

    Raises
    ------
    Missing
        No row limits this scale at this place today.
    """
    limit = after_months(past.assessed_on, read.number(VALIDITY[past.scale])) - timedelta(days=1)
    return min(limit, past.valid_until) if past.valid_until else limit


def recognise(
    candidates: Iterable[Past], rules: Rules, *, person: str, changes: Iterable[Change] = ()
) -> Recognition:
    """Look for a valid assessment of any programme before a new one is opened.

    rules
        Those in force on the day of asking, at the elder's street.
    changes
        Of this person. One after the day of an assessment ends its use.

    Returns
    -------
    Recognition
        Offers the result that stays valid longest, the later one on a tie.

    Raises
    ------
    Invalid
        A change of a kind that the pack does not list.
    """
    read = rules.reading()
    latest = max((c.day for c in _known(changes, read) if c.day <= rules.day), default=None)
    usable: list[tuple[date, date, str, Past]] = []
    refused = []
    for past in candidates:
        reason = _reason(past, read, person, latest)
        if reason is None:
            usable.append((valid_until(past, read), past.assessed_on, past.id, past))
        else:
            refused.append(Refused(past.id, reason))
    if not usable:
        return Recognition(None, None, tuple(refused), read.refs)
    until, _, _, offer = max(usable, key=lambda entry: entry[:3])
    return Recognition(offer, until, tuple(refused), read.refs)


def due(past: Past, rules: Rules, *, changes: Iterable[Change] = ()) -> Due:
    """When `past` has to be followed by the next assessment.

    The earlier of expiry and the time that the pack allows after the first change.

    Raises
    ------
    Missing
        No row limits this scale at this place today.
    Invalid
        A change of a kind that the pack does not list.
    """
    read = rules.reading()
    known = sorted(_known(changes, read), key=lambda c: (c.day, c.kind))
    until = valid_until(past, read)
    first = next((c for c in known if c.day > past.assessed_on), None)
    if first is not None:
        by = first.day + timedelta(days=read.number("assessment.change_days"))
        if by <= until:
            return Due(by, first.day, first.kind, read.refs)
    lead = timedelta(days=read.number("assessment.reassess_lead_days"))
    return Due(until, until - lead, "expiry", read.refs)


def _known(changes: Iterable[Change], read: Reading) -> list[Change]:
    kinds, found = read.texts("assessment.change_events"), list(changes)
    for change in found:
        if change.kind not in kinds:
            raise Invalid(
                "assessment.change_kind", field="change", got=change.kind, allowed=", ".join(kinds)
            )
    return found


def _reason(past: Past, read: Reading, person: str, latest: date | None) -> Reason | None:
    if past.person != person:
        return "other_person"
    if past.revoked:
        return "revoked"
    if not past.complete:
        return "incomplete"
    if past.assessed_on > read.rules.day:
        return "later"
    if VALIDITY[past.scale] not in read.rules:
        return "no_rule"
    if valid_until(past, read) < read.rules.day:
        return "expired"
    return "changed" if latest is not None and latest > past.assessed_on else None
