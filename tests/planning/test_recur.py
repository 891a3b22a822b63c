"""Holidays and make-up workdays of known years, worked by hand."""

from datetime import date

from carecoord.model import holidays
from carecoord.model.plans import Recurrence
from carecoord.planning.expand import demands
from carecoord.planning.recur import days_of
from tests.build import STREET, plan, task

NATIONAL_DAY = date(2025, 10, 1)
"""1 to 8 October 2025 were off; 28 September and 11 October were worked."""


def september_and_october(asked: Recurrence) -> list[date]:
    return days_of(asked, 0, date(2025, 9, 22), 28)


def test_the_calendar_knows_the_week_of_the_national_day() -> None:
    assert holidays.is_public_holiday(date(2025, 10, 4))
    assert not holidays.is_public_holiday(date(2025, 9, 20))
    assert holidays.is_make_up_workday(date(2025, 9, 28))
    assert holidays.next_working_day(NATIONAL_DAY) == date(2025, 10, 9)


def test_visits_on_working_days_leave_holidays_out() -> None:
    found = september_and_october(Recurrence(5, 7, (0, 1, 2, 3, 4), holidays="skip"))

    assert not any(date(2025, 10, 1) <= day <= date(2025, 10, 8) for day in found)
    assert date(2025, 9, 30) in found and date(2025, 10, 9) in found


def test_a_weekly_visit_on_a_holiday_moves_to_the_next_working_day() -> None:
    found = september_and_october(Recurrence(1, 7, (2,), holidays="next-working-day"))

    # Wednesdays 24 September, 1, 8 and 15 October; the holiday ones meet on one day only.
    assert found == [
        date(2025, 9, 24),
        date(2025, 10, 9),
        date(2025, 10, 10),
        date(2025, 10, 15),
    ]


def test_a_moved_visit_waits_for_its_spacing() -> None:
    found = september_and_october(Recurrence(1, 7, (2,), spacing=3, holidays="next-working-day"))

    # Thursday 9 is taken by 1 October's; every working day left for 8 October's is within three
    # days of that or of the 15th, which serves in its place.
    assert found == [date(2025, 9, 24), date(2025, 10, 9), date(2025, 10, 15)]


def test_make_up_workdays_are_days_like_others_for_whom_it_says_so() -> None:
    found = september_and_october(Recurrence(5, 7, (0, 1, 2, 3, 4), holidays="skip", make_up=True))

    assert date(2025, 9, 28) in found and date(2025, 10, 11) in found
    assert date(2025, 9, 27) not in found


def test_years_whose_holidays_are_not_announced_are_named_once() -> None:
    own = plan(task(recurrence=Recurrence(1, 1, holidays="skip")))

    found, problems = demands(own, STREET, date(2090, 1, 1), 30)

    assert len(found) == 30
    assert [(p.code, p.facts["year"]) for p in problems] == [("calendar.unknown_year", 2090)]
