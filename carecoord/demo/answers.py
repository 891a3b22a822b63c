"""What does an assessor write down, so that it scores to the level that was meant?

Answers are drawn item by item from three abilities of the person (doing, mind, senses), carried
over to the other instrument as an assessor would, and scored by the engine that scores real
ones. A draw that misses the level is thrown away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from carecoord.demo.elders import Profile
from carecoord.demo.illness import DEMENTIA, known
from carecoord.demo.parts import Json, extension, identifier, plain, refer, sid
from carecoord.demo.seeds import Seed
from carecoord.errors import Invalid
from carecoord.model.assessment import Answers, Diagnosis, confirm, gb42195, ltc37, prefills
from carecoord.model.assessment.instruments import GB42195Table, LTC37Table, Prefill
from carecoord.model.assessment.scoring import score_gb42195, score_ltc37, suggest
from carecoord.model.ids import StaffId
from carecoord.model.policy import Rules
from carecoord.model.time import ZONE
from fhir_profiles.questionnaires import questionnaire

TRIES = 2_000

# LTC37 level → share of the full score in doing, mind and senses.
_ABILITIES: dict[int, tuple[float, float, float]] = {
    0: (1.0, 1.0, 1.0),
    1: (0.80, 0.90, 0.85),
    2: (0.55, 0.82, 0.80),
    3: (0.28, 0.75, 0.75),
    4: (0.20, 0.17, 0.60),
    5: (0.08, 0.04, 0.40),
}
_SPREAD = 0.16

# GB42195 levels that are plausible in one person with an LTC37 level. A draw outside is thrown
# away; nothing is converted, both results come from the answers.
_PLAUSIBLE = {0: (0,), 1: (1,), 2: (2,), 3: (2, 3), 4: (3, 4), 5: (4,)}

# Some things are given up early, some late: added to the ability.
_EASE = {
    "B.1.1": 0.15, "B.1.3": -0.15, "B.1.5": -0.05, "B.1.7": 0.05, "B.2.1": 0.10,
    "B.2.4": -0.20, "B.3.3": 0.10, "B.3.4": -0.15, "B.4.3": -0.15, "B.4.4": -0.25,
}  # fmt: skip

# Items that both instruments word differently, so that both are asked (`prefill.ask_both`):
# the answer to the one for each answer to the other.
_ALSO_ASKED = {
    "a4": ("B.1.7", (0, 0, 5, 5, 10)),
    "a5": ("B.1.6", (0, 0, 5, 5, 10)),
    "c4": ("B.3.4", (0, 1, 1, 3, 4)),
}


@dataclass(frozen=True, slots=True)
class Interview:
    """One assessment: the answers as FHIR, and the levels they score to."""

    response: Json
    ltc37: int
    gb42195: int


@dataclass(frozen=True, slots=True)
class Instruments:
    """Both scales in force and the form to be filled in, read once for all elders."""

    ltc37: LTC37Table
    gb42195: GB42195Table
    prefills: tuple[Prefill, ...]
    form: Json

    @classmethod
    def of(cls, rules: Rules) -> "Instruments":
        """The scales of the packs; raises as `carecoord.model.assessment` does."""
        ltc, gb = ltc37(rules), gb42195(rules)
        carried = prefills(rules, {**ltc.items, **gb.items})
        return cls(ltc, gb, carried, questionnaire("interview"))


def interview(
    seed: Seed,
    elder: Profile,
    day: date,
    scales: Instruments,
    assessors: Sequence[StaffId] = (),
) -> Interview:
    """Answers that score to the elder's LTC37 level, and to a GB42195 level that goes with it.

    assessors
        Who signs, the lead first.

    Raises
    ------
    Invalid
        `demo.answers`: no draw fits; the scales in force leave no room for the level.
    """
    dice = seed.dice("answers", elder.index)
    diagnoses = tuple(Diagnosis(d.code) for d in known(seed, elder) if d is DEMENTIA)
    for _ in range(TRIES):
        drawn = Answers(_draw(dice, elder.ltc37, scales), diagnoses=diagnoses)
        answers = confirm(drawn, suggest(drawn, scales.prefills))
        care = score_ltc37(answers, scales.ltc37).level
        if care is None or care.number != elder.ltc37:
            continue
        ability = score_gb42195(answers, scales.gb42195, day).level
        if ability is not None and ability.number in _PLAUSIBLE[elder.ltc37]:
            response = _response(seed, elder, day, answers, scales.form)
            response |= _signed(assessors)
            return Interview(response, care.number, ability.number)
    raise Invalid("demo.answers", level=elder.ltc37, tries=TRIES)


def _draw(dice: Random, level: int, scales: Instruments) -> dict[str, int]:
    doing, mind, senses = _ABILITIES[level]
    ability = {"selfcare": doing, "mobility": doing, "mind": mind, "social": (doing + mind) / 2}
    scores = {}
    for code, item in scales.gb42195.items.items():
        # Asked as p1 and p2, with the finer ladder.
        if code not in ("B.4.1", "B.4.2"):
            scores[code] = _score(dice, ability[item.group], code, item.scores)
    # People in a coma or with outbursts are not on a plan of this street.
    scores["B.3.9"], scores["B.3.7"] = 2, 1
    for code in ("p1", "p2"):
        scores[code] = _score(dice, senses, code, scales.ltc37.items[code].scores)
    for code, (source, ladder) in _ALSO_ASKED.items():
        scores[code] = ladder[scores[source]]
    return scores


def _score(dice: Random, ability: float, code: str, ladder: tuple[int, ...]) -> int:
    if ability >= 1:
        return ladder[-1]
    able = ability + _EASE.get(code, 0.0) + dice.gauss(0, _SPREAD)
    return ladder[round(min(1.0, max(0.0, able)) * (len(ladder) - 1))]


def _response(seed: Seed, elder: Profile, day: date, answers: Answers, form: Json) -> Json:
    dice = seed.dice("assessed", elder.index)
    visited = day - timedelta(days=dice.randint(1, 20))
    response = seed.id("QuestionnaireResponse", elder.index)
    return {
        "resourceType": "QuestionnaireResponse",
        "id": response,
        "identifier": identifier(sid("assessment"), response),
        "questionnaire": form["url"],
        "status": "completed",
        "subject": refer("Patient", elder.id(seed), "".join(elder.name)),
        "authored": datetime.combine(visited, time(14, 30), ZONE).isoformat(),
        "source": refer("Patient", elder.id(seed)),
        "item": [filled for question in form["item"] for filled in _filled(question, answers)],
    }


def _signed(assessors: Sequence[StaffId]) -> Json:
    """Who made the assessment; nothing when nobody is named."""
    signers = [refer("PractitionerRole", one) for one in assessors]
    if not signers:
        return {}
    others = [extension("assessor", valueReference=one) for one in signers[1:]]
    return {"author": signers[0]} | ({"extension": others} if others else {})


def _filled(question: Json, answers: Answers) -> Iterator[Json]:
    """The answers to one question of the form, none where nothing is to be said."""
    link = question["linkId"]
    if link in answers.scores:
        yield {"linkId": link, "answer": [_chosen(question, str(answers.scores[link]))]}
    elif link == "diagnosis":
        for diagnosis in answers.diagnoses:
            code = {"linkId": "diagnosis.code", "answer": [{"valueString": diagnosis.code}]}
            yield {"linkId": link, "item": [code]}
    elif link == "reason":
        yield {"linkId": link, "answer": [_chosen(question, "first")]}
    elif below := [f for q in question.get("item", ()) for f in _filled(q, answers)]:
        yield {"linkId": link, "item": below}


def _chosen(question: Json, code: str) -> Json:
    options = (option["valueCoding"] for option in question["answerOption"])
    found = next(option for option in options if option["code"] == code)
    return {"valueCoding": plain(found["system"], code, found["display"])}
