"""Who starts where and when, by a roster that people made in a spreadsheet? Pure.

Every row gets an answer of its own: taken, taken with a remark, or refused with the column at
fault. Columns are found by their headings, in Chinese or English, below any title rows.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import permutations
from typing import Literal

from carecoord.errors import Fact, Invalid
from carecoord.model import time
from carecoord.model.demands import VisitDemand
from carecoord.planning.handmade import Call
from carecoord.planning.problem import DayInput
from carecoord.planning.written import Cell, day_of, plain, start_of

Column = Literal["staff_id", "staff", "elder_id", "elder", "day", "start", "visit"]
Status = Literal["taken", "remark", "refused", "skipped"]

HEADINGS: Mapping[Column, tuple[str, ...]] = {
    "staff_id": (
        "人员编号", "员工编号", "工号", "护理员编号", "护士编号",
        "staffid", "employeeid", "carerid",
    ),
    "staff": (
        "人员", "人员姓名", "护理员", "护理员姓名", "护士", "员工", "员工姓名", "服务人员",
        "服务人员姓名", "上门人员", "staff", "staffname", "carer", "carername", "employee",
    ),
    "elder_id": (
        "老人编号", "长者编号", "客户编号", "服务对象编号", "档案号",
        "elderid", "clientid", "patientid",
    ),
    "elder": (
        "老人", "老人姓名", "长者", "长者姓名", "客户", "客户姓名", "服务对象", "服务对象姓名",
        "elder", "eldername", "client", "clientname", "patient", "patientname",
    ),
    "day": ("日期", "服务日期", "排班日期", "上门日期", "date", "day", "servicedate"),
    "start": (
        "开始时间", "开始", "上门时间", "时间", "服务时间", "时段", "服务时段",
        "start", "starttime", "time",
    ),
    "visit": ("上门编号", "任务编号", "工单号", "visit", "visitid"),
}  # fmt: skip
"""Headings as people write them, without blanks and signs."""

_BARE = re.compile(r"[\s()（）\[\]【】:：*_\-/]|必填")
_IN_BRACKETS = re.compile(r"(.*?)[(（\[]([^)）\]]+)[)）\]]")
_LOOKED_AT = 20
"""Rows in which the headings may stand."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row.

    number
        In the file, the first row is 1.
    code, facts
        Of the remark or refusal; empty when there is none.
    column
        At fault, if one is.
    """

    number: int
    status: Status
    code: str = ""
    column: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A roster, row by row.

    heading
        Number of the row with the headings.
    ignored
        Headings that say nothing to us.
    """

    rows: tuple[Row, ...]
    heading: int
    ignored: tuple[str, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """What the roster says, each once."""
        return tuple(dict.fromkeys(row.call for row in self.rows if row.call is not None))

    @property
    def refused(self) -> tuple[Row, ...]:
        """Rows that could not be taken."""
        return tuple(row for row in self.rows if row.status == "refused")


@dataclass(frozen=True, slots=True)
class _Wish:
    """A row that names somebody, somewhere, at a time; not yet which visit."""

    number: int
    staff: str
    elder: str
    visit: str
    start: int
    remark: tuple[str, str] = ("", "")


def read(table: Sequence[Sequence[Cell]], given: DayInput, day: date) -> Read:
    """The roster of one day out of a table; rows of other days are passed over.

    Raises
    ------
    Invalid
        `roster.headings`: no row names staff, elder and start; `field` is `file`.
    """
    at, columns = _headings(table)
    wishes: list[_Wish] = []
    rows: list[Row] = []
    people, elders = _People(given), _Elders(given)
    above: dict[Column, Cell] = {}
    for number, cells in enumerate(table[at:], at + 1):
        found = {
            name: cells[place] if place < len(cells) else None for name, place in columns.items()
        }
        if not any(plain(cell) for cell in found.values()):
            continue
        if not any(plain(found.get(name)) for name in ("staff_id", "staff", "start")):
            # A row of the template that nobody filled in: the visit is not planned.
            rows.append(Row(number, "skipped", "roster.blank"))
            continue
        filled = _fill(found, above)
        above = found
        row = _row(number, found, day, people, elders, filled=filled)
        if isinstance(row, _Wish):
            wishes.append(row)
        else:
            rows.append(row)
    rows += _placed(wishes, given)
    heads = [plain(cell) for cell in table[at - 1]]
    known = set(columns.values())
    ignored = tuple(head for place, head in enumerate(heads) if head and place not in known)
    return Read(tuple(sorted(rows, key=lambda row: row.number)), at, ignored)


def _headings(table: Sequence[Sequence[Cell]]) -> tuple[int, dict[Column, int]]:
    """Number of the row with the headings, and column → its place."""
    named = {head: name for name, heads in HEADINGS.items() for head in heads}
    best: dict[Column, int] = {}
    for number, cells in enumerate(table[:_LOOKED_AT], 1):
        found: dict[Column, int] = {}
        for place, cell in enumerate(cells):
            name = named.get(_BARE.sub("", plain(cell)).lower())
            if name is not None:
                found.setdefault(name, place)
        if _enough(found):
            return number, found
        best = max(best, found, key=len)
    lacking = [
        wanted
        for wanted, names in (
            ("人员 / staff", ("staff", "staff_id")),
            ("老人 / elder", ("elder", "elder_id", "visit")),
            ("开始时间 / start", ("start",)),
        )
        if not any(name in best for name in names)
    ]
    raise Invalid("roster.headings", field="file", lacking=", ".join(lacking))


def _enough(found: Mapping[Column, int]) -> bool:
    return (
        ("staff" in found or "staff_id" in found)
        and ("elder" in found or "elder_id" in found or "visit" in found)
        and "start" in found
    )


def _fill(found: dict[Column, Cell], above: Mapping[Column, Cell]) -> bool:
    """Take staff and day from the row above where they stand only once for several rows."""
    filled = False
    people: tuple[Column, ...] = tuple(n for n in ("staff_id", "staff") if n in found)
    if people and not any(plain(found[name]) for name in people):
        for name in people:
            found[name] = above.get(name)
        filled = any(plain(found[name]) for name in people)
    if "day" in found and not plain(found["day"]) and plain(above.get("day")):
        found["day"] = above["day"]
    return filled


def _row(
    number: int,
    found: Mapping[Column, Cell],
    day: date,
    people: "_People",
    elders: "_Elders",
    *,
    filled: bool,
) -> Row | _Wish:
    if plain(found.get("day")):
        on = day_of(found["day"], day.year)
        if on is None:
            return _refused(number, "day", "roster.day", value=plain(found["day"]))
        if on != day:
            facts: dict[str, Fact] = {"day": on.isoformat()}
            return Row(number, "skipped", "roster.other_day", "day", facts)
    try:
        who = people.find(plain(found.get("staff_id")), plain(found.get("staff")))
        visit = plain(found.get("visit"))
        elder = elders.find(plain(found.get("elder_id")), plain(found.get("elder")), visit)
    except Invalid as fault:
        return Row(number, "refused", fault.code, fault.field, fault.facts)
    text = plain(found.get("start"))
    if not text:
        return _refused(number, "start", "roster.no_start")
    start = start_of(found["start"])
    if start is None:
        return _refused(number, "start", "roster.start", value=text)
    remark = ("roster.filled", "staff") if filled else ("", "")
    return _Wish(number, who, elder, visit, start, remark)


def _refused(number: int, column: str, code: str, **facts: Fact) -> Row:
    return Row(number, "refused", code, column, facts)


def _key(name: str) -> str:
    return "".join(name.split()).casefold()


class _Named:
    """Finds somebody by id or name."""

    def __init__(self, names: Iterable[tuple[str, str]], what: Literal["staff", "elder"]) -> None:
        self._what = what
        self._names = dict(names)
        self._ids: dict[str, list[str]] = defaultdict(list)
        for id_, name in self._names.items():
            self._ids[_key(name)].append(id_)

    def look(self, id_: str, name: str, narrowed: Mapping[str, object] | None = None) -> str:
        """The id that is meant; an id in brackets after the name counts."""
        if found := _IN_BRACKETS.fullmatch(name):
            name, id_ = found[1].strip(), id_ or found[2].strip()
            if found[2].strip() not in self._names:
                id_ = "" if id_ == found[2].strip() else id_
        if id_:
            if id_ in self._names:
                return id_
            raise Invalid(f"roster.{self._what}_id", field=f"{self._what}_id", value=id_)
        if not name:
            raise Invalid(f"roster.no_{self._what}", field=self._what)
        if name in self._names:
            return name
        ids = self._ids.get(_key(name), [])
        wanted = [one for one in ids if narrowed is None or one in narrowed] or ids
        if not ids:
            raise Invalid(f"roster.{self._what}", field=self._what, value=name)
        if len(wanted) > 1:
            raise Invalid(
                f"roster.{self._what}_ambiguous",
                field=self._what,
                value=name,
                ids=", ".join(sorted(wanted)),
            )
        return wanted[0]


class _People:
    """Staff of the street."""

    def __init__(self, given: DayInput) -> None:
        self._named = _Named(((one.id, one.name) for one in given.staff), "staff")

    def find(self, id_: str, name: str) -> str:
        """Staff id.

        Raises
        ------
        Invalid
            `roster.staff_id`, `roster.no_staff`, `roster.staff`, `roster.staff_ambiguous`.
        """
        return self._named.look(id_, name)


class _Elders:
    """Elders of the street; of several of one name those who are visited that day are meant."""

    def __init__(self, given: DayInput) -> None:
        self._named = _Named(((id_, one.name) for id_, one in given.elders.items()), "elder")
        self._visited: dict[str, object] = dict.fromkeys(one.elder for one in given.demands)
        self._of_visit: dict[str, str] = {one.id: one.elder for one in given.demands}

    def find(self, id_: str, name: str, visit: str) -> str:
        """Elder id; the visit decides where it is named.

        Raises
        ------
        Invalid
            `roster.visit`, `roster.elder_id`, `roster.no_elder`, `roster.elder`,
            `roster.elder_ambiguous`, `roster.elder_no_visit`.
        """
        if visit:
            if visit not in self._of_visit:
                raise Invalid("roster.visit", field="visit", value=visit)
            return self._of_visit[visit]
        found = self._named.look(id_, name, self._visited)
        if found not in self._visited:
            raise Invalid("roster.elder_no_visit", field="elder", value=name or id_)
        return found


def _placed(wishes: Sequence[_Wish], given: DayInput) -> Iterator[Row]:
    """Which visit of the elder each row means."""
    visits: dict[str, list[VisitDemand]] = defaultdict(list)
    for one in given.demands:
        visits[one.elder].append(one)
    off: set[str] = {one.id for one in given.staff if not one.shifts}
    by_elder: dict[str, list[_Wish]] = defaultdict(list)
    for wish in wishes:
        by_elder[wish.elder].append(wish)
    for elder, mine in by_elder.items():
        yield from _of_elder(mine, visits[elder], off)


def _of_elder(
    wishes: Sequence[_Wish], visits: Sequence[VisitDemand], off: set[str]
) -> Iterator[Row]:
    seen: dict[tuple[str, int, str], int] = {}
    left: list[_Wish] = []
    named: dict[int, str] = {}
    for wish in wishes:
        key = (wish.staff, wish.start, wish.visit)
        if key in seen:
            facts: dict[str, Fact] = {"first": seen[key]}
            yield Row(wish.number, "skipped", "roster.duplicate", "", facts)
            continue
        seen[key] = wish.number
        left.append(wish)
        if wish.visit:
            named[wish.number] = wish.visit
    free = [one for one in visits if one.id not in named.values()]
    groups = _groups([wish for wish in left if not wish.visit], free)
    for group, visit in zip(groups, _assigned(groups, free), strict=True):
        for wish in group:
            if visit is not None:
                named[wish.number] = visit.id
    by_id: dict[str, VisitDemand] = {one.id: one for one in visits}
    for wish in left:
        id_ = named.get(wish.number)
        if id_ is None:
            facts = {"visits": len(visits), "start": time.clock(wish.start)}
            yield Row(wish.number, "refused", "roster.no_visit", "start", facts)
            continue
        yield _taken(wish, by_id[id_], off)


def _groups(wishes: Sequence[_Wish], visits: Sequence[VisitDemand]) -> list[list[_Wish]]:
    """Rows that mean one visit: several people at one time, where a visit asks for several."""
    most = max((one.carers for one in visits), default=1)
    by_start: dict[int, list[_Wish]] = defaultdict(list)
    for wish in sorted(wishes, key=lambda w: (w.start, w.number)):
        by_start[wish.start].append(wish)
    return [group[k : k + most] for group in by_start.values() for k in range(0, len(group), most)]


_MOST_TRIED = 6
"""Visits of one elder on one day up to which every assignment is tried."""


def _assigned(
    groups: Sequence[Sequence[_Wish]], visits: Sequence[VisitDemand]
) -> list[VisitDemand | None]:
    """A visit for each group, as near to its windows as can be; None where there are too few."""
    choice: list[VisitDemand | None] = [*visits, *[None] * len(groups)]

    def cost(group: Sequence[_Wish], visit: VisitDemand | None) -> int:
        if visit is None:
            return time.DAY
        off = min(max(0, a - group[0].start, group[0].start - b) for a, b in visit.windows)
        return min(off, time.DAY // 2) + 3600 * (visit.carers != len(group))

    if (len(groups) <= 3 and len(visits) <= _MOST_TRIED) or len(choice) <= _MOST_TRIED + 2:
        return list(
            min(
                permutations(choice, len(groups)),
                key=lambda chosen: sum(map(cost, groups, chosen)),
            )
        )
    found: list[VisitDemand | None] = []
    for group in groups:
        best = min(choice, key=lambda visit: cost(group, visit))
        choice.remove(best)
        found.append(best)
    return found


def _taken(wish: _Wish, visit: VisitDemand, off: set[str]) -> Row:
    call = Call(wish.staff, visit.id, wish.start)
    row = Row(wish.number, "taken", call=call)
    if not any(a <= wish.start <= b for a, b in visit.windows):
        windows = ", ".join(f"{time.clock(a)}–{time.clock(b)}" for a, b in visit.windows)
        facts: dict[str, Fact] = {"start": time.clock(wish.start), "windows": windows}
        return replace(
            row, status="remark", code="roster.outside_window", column="start", facts=facts
        )
    if wish.staff in off:
        facts = {"staff": wish.staff}
        return replace(row, status="remark", code="roster.off_duty", column="staff", facts=facts)
    if wish.remark[0]:
        return replace(row, status="remark", code=wish.remark[0], column=wish.remark[1])
    return row
