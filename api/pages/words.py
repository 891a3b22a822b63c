"""How a page says things in the caller's language: texts, days, times, amounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from carecoord.errors import Fact
from carecoord.model.plans import Window
from carecoord.model.time import DAY, clock
from carecoord.text.catalogue import Language, entries, sentence

LOCALES: dict[Language, str] = {"zh_CN": "zh_CN", "en": "en_GB"}
TAGS: dict[Language, str] = {"zh_CN": "zh-CN", "en": "en"}
DAY_FORMATS: dict[Language, str] = {"zh_CN": "y年M月d日 EEEE", "en": "EEEE d MMMM y"}
SHORT_FORMATS: dict[Language, str] = {"zh_CN": "M月d日 EEE", "en": "EEE d MMM"}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a page says, in one language."""

    language: Language

    @property
    def tag(self) -> str:
        """The `lang` attribute of the page."""
        return TAGS[self.language]

    def t(self, code: str, **facts: Fact) -> str:
        """The sentence of a message code."""
        return sentence(code, facts, self.language)

    def named(self, kind: str, code: str) -> str:
        """The name of a code of an open list (`page.<kind>.<code>`); the code itself if unnamed."""
        key = f"page.{kind}.{code}"
        return sentence(key, {}, self.language) if key in entries(self.language) else code

    def day(self, day: date) -> str:
        """A service day with its weekday."""
        return format_date(day, DAY_FORMATS[self.language], locale=LOCALES[self.language])

    def short_day(self, day: date) -> str:
        """A service day with its weekday, without the year."""
        return format_date(day, SHORT_FORMATS[self.language], locale=LOCALES[self.language])

    def clock(self, seconds: int) -> str:
        """Time of day on a 24-hour clock, marked when it lies on the next day."""
        if seconds < DAY:
            return clock(seconds)
        return self.t("page.clock.next", clock=clock(seconds - DAY))

    def between(self, start: int, end: int) -> str:
        """From one time to another."""
        return f"{self.clock(start)}–{self.clock(end)}"

    def windows(self, windows: tuple[Window, ...]) -> str:
        """All windows of a visit."""
        return self.join(tuple(self.between(start, end) for start, end in windows))

    def duration(self, seconds: int) -> str:
        """Hours and minutes, rounded to the minute; something short is one minute, not none."""
        minutes = max(round(seconds / 60), 1) if seconds > 0 else 0
        hours, rest = divmod(minutes, 60)
        if hours == 0:
            return self.t("page.duration.minutes", minutes=rest)
        if rest == 0:
            return self.t("page.duration.whole", hours=hours)
        return self.t("page.duration.hours", hours=hours, minutes=rest)

    def percent(self, part: int, whole: int) -> str:
        """A share; a dash of nothing."""
        return f"{100 * part / whole:.1f} %" if whole else "–"

    def join(self, parts: tuple[str, ...]) -> str:
        """A list inside a sentence."""
        return ("、" if self.language == "zh_CN" else ", ").join(parts)

    def items(
        self, numbers: tuple[str, ...], catalogue: Mapping[str, Mapping[str, str]]
    ) -> tuple[str, ...]:
        """Names of service items; another language's name or the number where one is missing."""
        return tuple(self._item(number, catalogue.get(number, {})) for number in numbers)

    def _item(self, number: str, names: Mapping[str, str]) -> str:
        order = (self.language, self.language.split("_")[0], self.tag, *names)
        return next((names[key] for key in order if names.get(key)), number)

    def person(self, gender: str, birth: date | None, day: date) -> str:
        """Gender and age on a day, as far as they are known."""
        parts = [self.named("gender", gender)] if gender in ("male", "female") else []
        if birth is not None:
            years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
            parts.append(self.t("page.age", years=years))
        return self.join(tuple(parts))

    def home(self, floor: int, lift: bool) -> str:
        """Floor, and on upper floors whether there is a lift."""
        if floor <= 1:
            return self.t("page.floor.ground")
        return self.t("page.floor.lift" if lift else "page.floor.stairs", floor=floor)
