"""What one person's plan asks for, brought up to date between two expansions of the street."""

from datetime import date

from carecoord.flows import day as service_days
from carecoord.flows import register
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.store import days, demands, documents
from carecoord.store.engine import Tx


def refresh(tx: Tx, elder: ElderId, first: date, rules: Rules) -> int:
    """Bring the demands of one person from `first` on up to date; how many changed.

    Only days that the street has expanded; published days stay as people were told.
    """
    street = register.elder_street(tx, documents.read(tx, "Patient", elder).resource)
    last = demands.last_day(tx, street) if street else None
    if street is None or last is None or last < first:
        return 0
    count = (last - first).days + 1
    of = register.street(tx, street)
    wanted, _ = service_days.asked_for(tx, of, [elder], first, count, rules)
    told = days.published(tx, street)
    new = {one.id: one for one in wanted if one.day not in told}
    present = {
        one.id: one
        for day, many in demands.coming(tx, street, elder, first).items()
        if day not in told
        for one in many
    }
    gone = [id_ for id_ in present if id_ not in new]
    fresh = [one for id_, one in new.items() if present.get(id_) != one]
    demands.remove(tx, gone)
    demands.put(tx, fresh)
    return len(gone) + len(fresh)
