"""What are the elders ill with, and what does the hospital order for the home?"""

from dataclasses import dataclass
from datetime import date

from carecoord.demo.elders import BED, Profile
from carecoord.demo.parts import ICD10, Json, concept, hl7, plain, refer
from carecoord.demo.seeds import Seed, pick


@dataclass(frozen=True, slots=True)
class Order:
    """A nursing order: `frequency` times in `period` days of a catalogue item.

    part
        `forenoon` or `afternoon`; empty where it does not matter.
    """

    item: str
    text: str
    frequency: int
    period: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis, ICD-10, and what a home hospital bed for it is given."""

    code: str
    name: str
    orders: tuple[Order, ...] = ()
    department: str = ""


DEMENTIA = Diagnosis("F03", "未特指的痴呆")

_WOUND = Order("37", "压疮伤口换药", 3, 7, "afternoon")
_BLOOD = Order("38", "静脉血标本采集", 1, 14, "forenoon")
_CATHETER = Order("26", "留置尿管的护理", 2, 7)
_STOMA = Order("41", "造口护理", 2, 7, "afternoon")
_PICC = Order("42", "PICC 维护", 1, 7)
_TUBE = Order("29", "鼻饲", 7, 7, "afternoon")
_OXYGEN = Order("33", "吸氧", 2, 7, "afternoon")
_INJECTION = Order("40", "皮下注射", 7, 7, "forenoon")
_VITAMIN = Order("39", "肌肉注射", 2, 7, "afternoon")
_ENEMA = Order("34", "灌肠", 1, 7)

DISCHARGED: tuple[tuple[Diagnosis, float], ...] = (
    (Diagnosis("I69.3", "脑梗死后遗症", (_CATHETER, _BLOOD), "神经内科"), 25),
    (Diagnosis("I69.3", "脑梗死后遗症,吞咽困难", (_TUBE,), "神经内科"), 5),
    (Diagnosis("L89.2", "Ⅲ期压疮", (_WOUND,), "骨科"), 14),
    (Diagnosis("S72.0", "股骨颈骨折术后", (_INJECTION,), "骨科"), 6),
    (Diagnosis("C18.9", "结肠癌术后,造口", (_STOMA,), "普外科"), 10),
    (Diagnosis("C34.9", "肺癌，化疗后支持治疗", (_PICC, _BLOOD), "肿瘤科"), 10),
    (Diagnosis("J44.9", "慢性阻塞性肺病", (_OXYGEN,), "呼吸内科"), 12),
    (Diagnosis("I50.9", "心力衰竭", (_BLOOD, _VITAMIN), "心内科"), 12),
    (Diagnosis("N18.9", "慢性肾脏病", (_ENEMA, _BLOOD), "肾内科"), 6),
)
"""Why a hospital refers somebody to a home hospital bed, with weights."""

DISABLED: tuple[tuple[Diagnosis, float], ...] = (
    (Diagnosis("I69.4", "脑卒中后遗症"), 34),
    (Diagnosis("G20", "帕金森病"), 12),
    (Diagnosis("M17.9", "膝关节病"), 14),
    (Diagnosis("S72.0", "股骨颈骨折后"), 10),
    (Diagnosis("M81.9", "骨质疏松"), 8),
    (Diagnosis("G82.2", "截瘫"), 6),
)
"""Why somebody needs long-term care, with weights."""

CHRONIC: tuple[tuple[Diagnosis, float], ...] = (
    (Diagnosis("I10", "高血压"), 0.67),
    (Diagnosis("E11.9", "2 型糖尿病"), 0.25),
    (Diagnosis("I25.1", "冠状动脉粥样硬化性心脏病"), 0.2),
)
"""Chronic disease beside it, each with its own share of the elders: 80 % have one at least."""


def main(seed: Seed, elder: Profile) -> Diagnosis:
    """Why the elder needs care, or was in hospital."""
    at = seed.even("diagnosis", elder.index)
    if BED in elder.programmes:
        return pick(at, DISCHARGED)
    # Only severe trouble of the mind leads to the two worst levels.
    return DEMENTIA if elder.ltc37 >= 4 and at < 0.7 else pick(at, DISABLED)


def known(seed: Seed, elder: Profile) -> tuple[Diagnosis, ...]:
    """The problems in the street's register; the hospital sends its own with a referral."""
    dice = seed.dice("chronic", elder.index)
    chronic = tuple(d for d, share in CHRONIC if dice.random() < share)
    return chronic if BED in elder.programmes else (main(seed, elder), *chronic)


def resources(seed: Seed, elder: Profile, day: date) -> list[Json]:
    """A Condition for each known problem."""
    dice = seed.dice("onset", elder.index)
    return [
        _condition(seed, elder, diagnosis, day.year - dice.randint(1, 12))
        for diagnosis in known(seed, elder)
    ]


def _condition(seed: Seed, elder: Profile, diagnosis: Diagnosis, year: int) -> Json:
    return {
        "resourceType": "Condition",
        "id": seed.id("Condition", elder.index, diagnosis.code),
        "clinicalStatus": concept(hl7("condition-clinical", "active")),
        "verificationStatus": concept(hl7("condition-ver-status", "confirmed")),
        "category": [concept(hl7("condition-category", "problem-list-item"))],
        "code": concept(plain(ICD10, diagnosis.code), text=diagnosis.name),
        "subject": refer("Patient", elder.id(seed), "".join(elder.name)),
        "onsetDateTime": str(year),
    }
