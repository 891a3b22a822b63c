"""What did the spread over days decide about one visit: which day, and who should come?"""

from dataclasses import dataclass
from datetime import date

from carecoord.model.ids import PlanId, StaffId


@dataclass(frozen=True, slots=True)
class Placed:
    """One visit of a plan, placed by the spread.

    group, occasion
        Which visit of the plan, and which time of the day.
    due
        Day on which it falls by the recurrence alone.
    day
        Day chosen.
    staff
        Who should come, as many as there are carers; empty: nobody could be found. A preference
        of the day, not a rule.
    """

    plan: PlanId
    group: str
    due: date
    occasion: int
    day: date
    staff: tuple[StaffId, ...] = ()
