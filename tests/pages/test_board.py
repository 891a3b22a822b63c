"""What the day board says about a day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

from api.pages import board as page
from api.pages.board import Chosen, days_of, figures, present, unserved
from api.pages.chart import chart
from api.pages.lanes import colours, groups
from api.pages.lines import straight
from api.pages.links import Links
from api.pages.scale import fit
from api.pages.words import Words

from . import build

WORDS = Words("zh_CN")
DAY = build.board()
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)


def test_a_visit_of_two_people_counts_once_and_takes_two_peoples_time() -> None:
    first, second = build.together(DAY.routes[0], DAY.routes[1])
    alone = (
        replace(first, visits=first.visits[:1], home_travel=0),
        replace(second, visits=second.visits[:1], home_travel=0),
    )

    found = figures(replace(DAY, routes=alone, unserved=()), WORDS)

    assert (found.asked, found.served, found.coverage) == (1, 1, "100.0 %")
    assert found.service == WORDS.duration(2 * 2400)


def test_figures_tell_working_staff_from_staff_on_shift() -> None:
    idle = replace(DAY.routes[0], visits=(), pauses=(), home_travel=0)
    off = replace(idle, shifts=())

    found = figures(replace(DAY, routes=(DAY.routes[1], idle, off)), WORDS)

    assert (found.used, found.available) == (1, 2)


def test_figures_of_an_empty_day_divide_nothing() -> None:
    found = figures(build.empty(), WORDS)

    assert (found.asked, found.coverage, found.travel_share) == (0, "–", "–")


def test_unserved_visits_that_hurt_most_come_first_and_say_why() -> None:
    found = unserved(DAY, WORDS)

    assert [visit.priority for visit in found] == [9, 8, 7, 5, 5, 4, 3]
    assert found[0].reason == WORDS.t(DAY.unserved[1].code, **DAY.unserved[1].facts)


def test_rows_are_grouped_by_organisation_and_role() -> None:
    found = groups(DAY, DAY.routes, fit(DAY.routes), WORDS, "staff-3")

    assert [(g.role, len(g.lanes)) for g in found] == [
        ("caregiver", 9),
        ("caregiver", 16),
        ("doctor", 3),
        ("nurse", 12),
    ]
    assert [lane.staff for g in found for lane in g.lanes if lane.selected] == ["staff-3"]
    assert sum(g.visits for g in found) == sum(len(r.visits) for r in DAY.routes)


def test_working_neighbours_have_different_colours() -> None:
    palette = colours(DAY.routes)
    lanes = [
        lane
        for group in groups(DAY, DAY.routes, fit(DAY.routes), WORDS, "")
        for lane in group.lanes
        if lane.blocks
    ]

    assert all(a.colour != b.colour for a, b in pairwise(lanes))
    assert {lane.staff: lane.colour for lane in lanes}.items() <= palette.items()


def test_every_visit_is_a_block_that_tells_all_of_itself() -> None:
    lanes = [
        lane
        for group in groups(DAY, DAY.routes, fit(DAY.routes), WORDS, "")
        for lane in group.lanes
    ]
    visits = {(str(r.staff), str(v.demand)): v for r in DAY.routes for v in r.visits}

    assert {(lane.staff, b.demand) for lane in lanes for b in lane.blocks} == set(visits)
    for lane in lanes:
        for block in lane.blocks:
            visit = visits[lane.staff, block.demand]
            assert visit.elder_name in block.label
            assert visit.address in block.label
            assert visit.partner in block.label
            assert block.pair == bool(visit.partner)


def test_filters_show_some_rows_and_leave_the_figures_alone() -> None:
    shown = present(DAY, WORDS, Links(), Chosen(org=build.CENTRE, role="nurse"), (), NOON)

    assert {(g.organization, g.role) for g in shown["groups"]} == {(build.CENTRE, "nurse")}
    assert len(shown["data"]["routes"]) == len(shown["sheets"]) == 12
    assert shown["figures"] == figures(DAY, WORDS)


def test_unknown_filters_and_hidden_staff_count_as_not_chosen() -> None:
    everybody = present(DAY, WORDS, Links(), Chosen("nobody", "nowhere", "cook"), (), NOON)
    hidden = present(DAY, WORDS, Links(), Chosen("staff-30", role="doctor"), (), NOON)

    assert sum(len(g.lanes) for g in everybody["groups"]) == 40
    assert everybody["chosen"].staff == hidden["chosen"].staff == ""


def test_colours_do_not_change_with_the_filter() -> None:
    everybody = present(DAY, WORDS, Links(), Chosen(), (), NOON)["data"]["routes"]
    some = present(DAY, WORDS, Links(), Chosen(role="nurse"), (), NOON)["data"]["routes"]

    colour = {route["staff"]: route["colour"] for route in everybody}
    assert all(route["colour"] == colour[route["staff"]] for route in some)


def test_the_line_of_the_present_is_only_on_the_day_itself() -> None:
    assert present(DAY, WORDS, Links(), Chosen(), (), NOON)["now"] == 12 * 3600
    assert present(DAY, WORDS, Links(), Chosen(), (), NOON.replace(day=6))["now"] is None


def test_neighbouring_days_are_the_nearest_planned_ones() -> None:
    days = [date(2026, 3, d) for d in (1, 2, 5, 9, 12)]
    shown = present(DAY, WORDS, Links(), Chosen(), days, NOON)

    assert (shown["before"], shown["after"]) == (date(2026, 3, 2), date(2026, 3, 9))
    assert days_of(build.streets(), build.STREET) == (date(2026, 3, 5), date(2026, 3, 6))


def test_publication_is_told_in_local_time() -> None:
    assert present(DAY, WORDS, Links(), Chosen(), (), NOON)["published"] == "3月4日 周三 19:12"
    assert page.published(replace(DAY, published_at=None), WORDS) == ""


def test_an_estimated_way_is_drawn_straight_and_marked() -> None:
    route = DAY.routes[0]
    visits = tuple(replace(visit, line=()) for visit in route.visits)
    guess = replace(DAY, routes=(replace(route, visits=visits, home_line=()),), estimated=True)

    data = chart(guess, guess.routes, WORDS, Links(), "")

    (drawn,) = data["routes"]
    assert data["network"] == ""
    assert not drawn["homeStreet"]
    assert not any(stop["street"] for stop in drawn["stops"])
    ends = [route.base, *(visit.place for visit in visits), route.base]
    lines = [*(stop["line"] for stop in drawn["stops"]), drawn["home"]]
    assert lines == [straight(a, b) for a, b in pairwise(ends)]
