"""Which numbers does the engine decide by, where do they come from, and are they confirmed?"""

from dataclasses import dataclass
from datetime import date

from carecoord.access import Caller, require
from carecoord.errors import Missing
from carecoord.model.policy import Row, RuleRef, Rules
from carecoord.packs.load import Packs


@dataclass(frozen=True, slots=True)
class InForce:
    """Rows in force on a day at a place, after the filters.

    total, unconfirmed
        Counted before the filters.
    documents
        Numbers of all documents, before the filters, in the order of the packs.
    """

    day: date
    jurisdiction: str
    total: int
    unconfirmed: int
    documents: tuple[str, ...]
    rows: tuple[Row, ...]


def in_force(
    packs: Packs,
    caller: Caller,
    day: date,
    jurisdiction: str,
    *,
    document: str = "",
    prefix: str = "",
    unconfirmed: bool = False,
) -> InForce:
    """The rows in force, of one document, under one prefix, or the unconfirmed ones only.

    Raises
    ------
    Invalid
        `pack.jurisdiction`.
    Missing
        `pack.document`: no row in force comes from that document.
    """
    require(caller, "policy.read")
    rules = packs.on(day, jurisdiction)
    rows = tuple(rules.rows.values())
    documents = tuple(dict.fromkeys(row.doc_no for row in rows))
    if document and document not in documents:
        raise Missing("pack.document", field="document", document=document)
    chosen = tuple(
        row
        for row in rows
        if (not document or row.doc_no == document)
        and (not prefix or row.rule_id == prefix or row.rule_id.startswith(prefix + "."))
        and not (unconfirmed and row.confirmed)
    )
    return InForce(day, jurisdiction, len(rows), len(rules.unconfirmed()), documents, chosen)


def history(packs: Packs, caller: Caller, rule_id: str) -> tuple[Row, ...]:
    """All rows of one rule, by place and date.

    Raises
    ------
    Missing
        `rule.unknown`.
    """
    require(caller, "policy.read")
    return packs.history(rule_id)


def stands(ref: RuleRef, present: Rules) -> bool:
    """Whether a decision would rest on the same row today, at the place of `present`."""
    row = present.rows.get(ref.rule_id)
    return row is not None and row.ref == ref
