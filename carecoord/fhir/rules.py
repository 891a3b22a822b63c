"""Which policy rows does a stored decision rest on?

The row is written out beside the decision, not linked: when it is replaced, the decision still says
under which document and mark it was made.
"""

from collections.abc import Iterable
from datetime import date

from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.model.policy import Mark, RuleRef

_URL = "policy-rule"


def extensions(refs: Iterable[RuleRef]) -> list[Json]:
    """One `policy-rule` extension for each row."""
    return [
        {
            "url": read.extension_url(_URL),
            "extension": [
                {"url": "rule", "valueString": ref.rule_id},
                {"url": "jurisdiction", "valueString": ref.jurisdiction},
                {"url": "document", "valueString": ref.doc_no},
                *([{"url": "clause", "valueString": ref.clause}] if ref.clause else []),
                {"url": "validFrom", "valueDate": ref.valid_from.isoformat()},
                {"url": "mark", "valueString": ref.mark.value},
            ],
        }
        for ref in refs
    ]


def refs(element: Json) -> tuple[RuleRef, ...]:
    """The rows that a resource or element names; what is no such row is left out."""
    found = []
    for one in read.extensions(element, read.extension_url(_URL)):
        parts = read.parts(one)
        try:
            found.append(
                RuleRef(
                    rule_id=str(parts["rule"]),
                    jurisdiction=str(parts["jurisdiction"]),
                    doc_no=str(parts["document"]),
                    clause=str(parts.get("clause") or ""),
                    valid_from=date.fromisoformat(str(parts["validFrom"])),
                    mark=Mark(str(parts["mark"])),
                )
            )
        except (KeyError, ValueError):
            continue
    return tuple(found)
