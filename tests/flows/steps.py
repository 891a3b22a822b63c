"""Steps that flow tests take on their way, and a look at everything that is stored."""

from typing import Any

from sqlalchemy import select

from carecoord.flows import bed, plan, record, referral
from carecoord.model.assessment import gb42195, ltc37
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId, ReferralId
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx
from carecoord.store.tables import metadata
from tests import build
from tests.build import BOSS, CENTRE, DAY


def everything(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    return {
        name: sorted((tuple(row) for row in tx.execute(select(table))), key=repr)
        for name, table in metadata.tables.items()
    }


def answers(share: float = 0.0) -> dict[str, int]:
    """Every item of both scales, answered at this share of its ladder; 0 = most help needed."""
    rules = build.rules()
    items = {**ltc37(rules).items, **gb42195(rules).items}
    return {
        code: item.scores[round(share * (len(item.scores) - 1))] for code, item in items.items()
    }


def receive(tx: Tx, elder: str = "e9", **more: Any) -> Document:
    """A referral as its Task stands after it came in."""
    outcome = record.submit_bundle(tx, BOSS, build.read(build.referral(elder, **more)))
    (task,) = (c.document for c in outcome.changes if c.document.type == "Task")
    return documents.read(tx, "Task", task.id)


def accepted(tx: Tx, elder: str = "e9", **more: Any) -> ReferralId:
    task = receive(tx, elder, **more)
    referral.accept(tx, BOSS, ReferralId(task.id))
    return ReferralId(task.id)


def home_bed(tx: Tx, elder: str, **more: Any) -> Document:
    return bed.open_bed(
        tx, BOSS, ElderId(elder), BedKind.HOME_HOSPITAL, CENTRE, DAY, build.rules(), **more
    )


def drafted(tx: Tx, elder: str, *programmes: str, **more: Any) -> Document:
    return plan.draft(tx, BOSS, ElderId(elder), programmes, DAY, build.rules(), **more)
