"""How does a failure look as an OperationOutcome?"""

from collections.abc import Sequence
from typing import Any

from carecoord.errors import CareError, Category, Fact, Invalid
from carecoord.text import catalogue
from carecoord.text.catalogue import Language
from fhir_profiles.check import Finding
from fhir_profiles.wire import Json

ISSUE: dict[Category, str] = {
    "invalid": "invalid",
    "missing": "not-found",
    "gone": "deleted",
    "stale": "conflict",
    "conflict": "business-rule",
    "forbidden": "forbidden",
    "unsupported": "not-supported",
    "unavailable": "transient",
}
"""Issue type of each category of failure."""


class Refused(Invalid):
    """A resource that may not be stored, with everything that is wrong with it.

    `code`, `field` and `facts` are those of the first error.
    """

    def __init__(self, code: str, /, *, field: str = "", **facts: Fact) -> None:
        super().__init__(code, field=field, **facts)
        self.findings: tuple[Finding, ...] = (Finding("error", code, field, facts),)

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> "Refused":
        """The refusal for a list of findings, at least one of them an error."""
        first = next(f for f in findings if f.severity == "error")
        made = cls(first.code, field=first.path, **first.facts)
        made.findings = tuple(findings)
        return made


def under(path: str, error: CareError) -> CareError:
    """The same error, its places seen from a Bundle: `path` leads to what failed."""
    if isinstance(error, Refused):
        return Refused.of(
            [Finding(f.severity, f.code, _join(path, f.path), f.facts) for f in error.findings]
        )
    return type(error)(error.code, field=_join(path, error.field), **error.facts)


def alone(error: CareError, kind: str) -> CareError:
    """The error of a Bundle's only entry, as if its resource of type `kind` had come alone."""
    if isinstance(error, Refused):
        return Refused.of(
            [Finding(f.severity, f.code, _without(f.path, kind), f.facts) for f in error.findings]
        )
    return type(error)(error.code, field=_without(error.field, kind), **error.facts)


def _without(path: str, kind: str) -> str:
    inside = "Bundle.entry[0].resource"
    if path.startswith(inside):
        return kind + path.removeprefix(inside)
    return "url" if path.startswith("Bundle.") else path


def _join(path: str, inner: str) -> str:
    # Paths inside a resource begin with its type, which the Bundle's path stands for.
    head, dot, rest = inner.partition(".")
    if not head[:1].isupper():
        return f"{path}.{inner}" if inner else path
    return f"{path}{dot}{rest}"


def of_error(error: CareError, language: Language) -> Json:
    """OperationOutcome of a failure, in the caller's language."""
    if isinstance(error, Refused):
        return outcome([issue(f, language) for f in error.findings])
    return outcome(
        [
            issue(
                Finding("error", error.code, error.field, error.facts),
                language,
                kind=ISSUE[error.category],
            )
        ]
    )


def of_findings(findings: Sequence[Finding], language: Language) -> Json:
    """OperationOutcome of a check; one without findings says that all is well."""
    if not findings:
        findings = [Finding("information", "fhir.valid", "")]
    return outcome([issue(f, language) for f in findings])


def outcome(issues: list[Json]) -> Json:
    """An OperationOutcome of finished issues."""
    return {"resourceType": "OperationOutcome", "issue": issues}


def issue(finding: Finding, language: Language, *, kind: str = "") -> Json:
    """One issue: its code for programs and its sentence for people."""
    made: dict[str, Any] = {
        "severity": finding.severity,
        "code": kind or ("informational" if finding.severity == "information" else "invalid"),
        "details": {
            "coding": [{"system": CODES, "code": finding.code}],
            "text": catalogue.sentence(finding.code, finding.facts, language),
        },
    }
    if finding.path:
        made["expression"] = [finding.path]
    return made


CODES = "urn:carecoord:message"
"""Code system of the catalogue's codes."""
