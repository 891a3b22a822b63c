"""Expected failures: a category for the machine, a code and facts for the sentence."""

from typing import ClassVar, Literal

Category = Literal[
    "invalid", "missing", "gone", "stale", "conflict", "forbidden", "unsupported", "unavailable"
]

Fact = str | int


class CareError(Exception):
    """An expected failure. `code` picks the translated text; `facts` fill it.

    The category says what the caller can do next. It is not an HTTP status:
    `api.problems` chooses one, and the same error also serves the CLI and jobs.

    `field` names what the caller must change: a JSON pointer for JSON, a FHIRPath
    location for a resource, an option for the command line. Empty when no single
    field is at fault.
    """

    category: ClassVar[Category] = "invalid"

    def __init__(self, code: str, /, *, field: str = "", **facts: Fact) -> None:
        super().__init__(f"{code} {field} {facts}")
        self.code, self.field, self.facts = code, field, facts


class Invalid(CareError):
    """What was sent cannot be accepted as it is: correct the named field."""

    category = "invalid"


class Missing(CareError):
    """There is no such thing."""

    category = "missing"


class Gone(CareError):
    """It existed and was deleted."""

    category = "gone"


class Stale(CareError):
    """The caller decided on an old version: read again, then decide again."""

    category = "stale"


class Conflict(CareError):
    """A rule or the present state forbids it; another action must come first."""

    category = "conflict"


class Forbidden(CareError):
    """The caller may not do this."""

    category = "forbidden"


class Unsupported(CareError):
    """A correct request for something this engine does not do."""

    category = "unsupported"


class Unavailable(CareError):
    """Not now: a needed part does not answer. Try again later."""

    category = "unavailable"
