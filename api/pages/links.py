"""Addresses of the pages. A language chosen in the address stays chosen on every page after it."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses with the language that the present address names; empty when it names none."""

    lang: str = ""

    def streets(self) -> str:
        """All streets and days, without the short cut to the next planned day."""
        return self._to("/", list="1")

    def day(self, street: str, day: date, **filters: str) -> str:
        """The board of one street-day."""
        return self._to(f"/streets/{quote(street, safe='')}/days/{day.isoformat()}", **filters)

    def sheet(self, street: str, day: date, staff: str) -> str:
        """The route sheet of one staff member."""
        path = f"/streets/{quote(street, safe='')}/days/{day.isoformat()}"
        return self._to(f"{path}/staff/{quote(staff, safe='')}")

    def unserved(self, street: str, day: date, demand: str) -> str:
        """Why nobody makes a visit."""
        path = f"/streets/{quote(street, safe='')}/days/{day.isoformat()}"
        return self._to(f"{path}/unserved/{quote(demand, safe='')}")

    def repair(self, street: str, day: date, **marked: str) -> str:
        """Telling what has happened on a day."""
        path = f"/streets/{quote(street, safe='')}/days/{day.isoformat()}"
        return self._to(f"{path}/repair", **marked)

    def readiness(self, street: str) -> str:
        """What blocks a first run of a street."""
        return self._to(f"/streets/{quote(street, safe='')}/readiness")

    def rules(self) -> str:
        """The policy rows in force."""
        return self._to("/rules")

    def rule(self, rule_id: str) -> str:
        """All rows of one rule."""
        return self._to(f"/rules/{quote(rule_id, safe='')}")

    def start(self) -> str:
        """How programs talk to this server."""
        return self._to("/start")

    def profiles(self) -> str:
        """The weight profiles."""
        return self._to("/profiles")

    def referrals(self) -> str:
        """Referrals sent and received."""
        return self._to("/referrals")

    def referral_new(self) -> str:
        """The form that sends one."""
        return self._to("/referrals/new")

    def referral(self, task: str) -> str:
        """One referral."""
        return self._to(f"/referrals/{quote(task, safe='')}")

    def referral_file(self, task: str, file: str) -> str:
        """A file of one; it has no language."""
        return f"/referrals/{quote(task, safe='')}/files/{quote(file, safe='')}"

    def slip(self, task: str) -> str:
        """Its slips, for printing."""
        return self._to(f"/referrals/{quote(task, safe='')}/slip")

    def network(self, street: str) -> str:
        """The street network; it has no language."""
        return f"/streets/{quote(street, safe='')}/network.geojson"

    def _to(self, path: str, **query: str) -> str:
        given = {key: value for key, value in query.items() if value}
        if self.lang:
            given["lang"] = self.lang
        return f"{path}?{urlencode(given)}" if given else path


def telephone(number: str) -> str:
    """A `tel:` address, empty when the text holds no number that could be dialled."""
    digits = "".join(sign for sign in number if sign in "0123456789+*#")
    return f"tel:{digits}" if any(sign.isdigit() for sign in digits) else ""


def position(lat: float, lon: float, label: str) -> str:
    """A `geo:` address (RFC 5870, WGS-84); the label follows the form that phones understand."""
    point = f"{lat:.6f},{lon:.6f}"
    return f"geo:{point}?q={point}({quote(label, safe='')})"
