"""The assessment instruments as FHIR R4 Questionnaires, built from the tables of a pack file.

`python -m fhir_profiles.questionnaires PACK.toml` rewrites `data/questionnaires/`; a test
fails when the files differ from what the tables give. Labels are short ones of this
product, in Chinese with an English translation; the standards' own wording is not copied.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

BASE = "https://carecoord.example/fhir"
DATA = Path(__file__).parent / "data" / "questionnaires"
NAMES = ("ltc37", "gb42195", "interview")
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
VERSION = "1"

Json = dict[str, Any]

_TITLES = {
    "ltc37": ("长期护理失能等级评估", "Long-term care disability assessment (LTC37)"),
    "gb42195": ("老年人能力评估", "Ability assessment of older adults (GB42195)"),
    "interview": ("一次评估,两个结果", "One interview, two results"),
}
_GROUPS = {
    "adl": ("日常生活活动能力", "Activities of daily living"),
    "cog": ("认知能力", "Cognition"),
    "per": ("感知觉与沟通能力", "Perception and communication"),
    "selfcare": ("自理能力", "Self-care"),
    "mobility": ("基础运动能力", "Basic mobility"),
    "mind": ("精神状态", "Mental state"),
    "social": ("感知觉与社会参与", "Perception and social participation"),
}
_RISKS = {
    "fall": ("跌倒", "Fall"),
    "choking": ("噎食", "Choking"),
    "self_harm": ("自杀、自伤", "Suicide or self-harm"),
    "wandering": ("走失", "Wandering"),
    "other": ("其他", "Other"),
}


def questionnaire(name: str) -> Json:
    """One of `NAMES`: `ltc37`, `gb42195`, or `interview` with the items of both.

    Raises
    ------
    KeyError
        There is no such questionnaire.
    """
    if name not in NAMES:
        raise KeyError(name)
    found: Json = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def build(pack: str) -> dict[str, Json]:
    """All questionnaires by name.

    Parameters
    ----------
    pack
        Text of the pack file with the rows `ltc37.items`, `ltc37.options`,
        `gb42195.items`, `gb42195.options`, `gb42195.reasons`, `gb42195.change.risk`,
        `prefill.copy` and `prefill.map`.

    Raises
    ------
    KeyError
        A row is missing.
    """
    rows = {r["rule_id"]: r["value"] for d in tomllib.loads(pack)["document"] for r in d["rule"]}
    ltc, gb = _groups("ltc37", rows), _groups("gb42195", rows)
    around = _circumstances(rows)
    first, rest = _split(ltc, _sources(rows))
    return {
        "ltc37": _document("ltc37", [*ltc, around["reason"]]),
        "gb42195": _document("gb42195", [*gb, *around.values()]),
        "interview": _document("interview", [*first, *gb, *rest, *around.values()]),
    }


def render(resource: Json) -> str:
    """The file text of a questionnaire."""
    return json.dumps(resource, ensure_ascii=False, indent=1) + "\n"


def _document(name: str, items: list[Json]) -> Json:
    zh, en = _TITLES[name]
    found: Json = {
        "resourceType": "Questionnaire",
        "id": name,
        "language": "zh-CN",
        "url": f"{BASE}/Questionnaire/{name}",
        "version": VERSION,
        "name": name.capitalize(),
        "title": zh,
        "_title": _translated(en),
        "status": "active",
        "subjectType": ["Patient"],
        "copyright": "Short labels of carecoord; the wording of the standards is not reproduced.",
    }
    if name == "interview":
        found["derivedFrom"] = [f"{BASE}/Questionnaire/{n}" for n in NAMES if n != name]
    return found | {"item": items}


def _translated(en: str) -> Json:
    parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": en}]
    return {"extension": [{"url": TRANSLATION, "extension": parts}]}


def _labelled(link: str, zh: str, en: str, kind: str, **more: Any) -> Json:
    return {"linkId": link, "text": zh, "_text": _translated(en), "type": kind, **more}


def _coding(system: str, code: str, zh: str, en: str, score: int | None = None) -> Json:
    ordinal = [{"url": ORDINAL, "valueDecimal": score}]
    return {
        "valueCoding": {
            **({} if score is None else {"extension": ordinal}),
            "system": f"{BASE}/CodeSystem/{system}",
            "code": code,
            "display": zh,
            "_display": _translated(en),
        }
    }


def _groups(scale: str, rows: Mapping[str, Any]) -> list[Json]:
    groups: dict[str, Json] = {}
    for code, group, zh, en, _ in rows[f"{scale}.items"]:
        if group not in groups:
            groups[group] = _labelled(f"{scale}.{group}", *_GROUPS[group], "group", item=[])
        options = [
            _coding(_system(scale, code), str(score), label, english, score)
            for score, label, english in rows[f"{scale}.options"][code]
        ]
        item = _labelled(code, zh, en, "choice", answerOption=options)
        groups[group]["item"].append(item | {"prefix": code, "required": True})
    return list(groups.values())


def _system(scale: str, code: str) -> str:
    return f"{scale}-{code.lower().replace('.', '-')}"


def _circumstances(rows: Mapping[str, Any]) -> dict[str, Json]:
    """What is not scored: it decides changes of level and is asked with GB42195."""
    clouded = {"system": f"{BASE}/CodeSystem/{_system('gb42195', 'B.3.9')}", "code": "0"}
    states = [
        _coding("consciousness", "stupor", "昏睡", "Stupor"),
        _coding("consciousness", "coma", "昏迷", "Coma"),
    ]
    when = [{"question": "B.3.9", "operator": "=", "answerCoding": clouded}]
    kinds = [_coding("risk-event", k, *_RISKS[k]) for k in rows["gb42195.change.risk"]["kinds"]]
    reasons = [_coding("assessment-reason", c, zh, en) for c, zh, en in rows["gb42195.reasons"]]
    psychiatrist = ("精神科专科医生诊断", "Diagnosed by a psychiatrist")
    return {
        "state": _labelled(
            "B.3.9.state",
            "昏睡还是昏迷",
            "Stupor or coma",
            "choice",
            enableWhen=when,
            required=True,
            answerOption=states,
        ),
        "diagnosis": _labelled(
            "diagnosis",
            "诊断(ICD-10)",
            "Diagnosis (ICD-10)",
            "group",
            repeats=True,
            item=[
                _labelled("diagnosis.code", "编码", "Code", "string", required=True),
                _labelled("diagnosis.psychiatrist", *psychiatrist, "boolean"),
            ],
        ),
        "risk": _labelled(
            "risk",
            "近30天照护风险事件",
            "Care-risk events of the last 30 days",
            "group",
            repeats=True,
            item=[
                _labelled(
                    "risk.kind", "事件", "Event", "choice", required=True, answerOption=kinds
                ),
                _labelled("risk.date", "日期", "Date", "date", required=True),
            ],
        ),
        "reason": _labelled(
            "reason", "评估原因", "Reason for the assessment", "choice", answerOption=reasons
        ),
    }


def _sources(rows: Mapping[str, Any]) -> set[str]:
    return {s for rule in ("prefill.copy", "prefill.map") for row in rows[rule] for s in row[1]}


def _split(groups: Iterable[Json], early: set[str]) -> tuple[list[Json], list[Json]]:
    """Groups of the items others are pre-filled from, and groups of the rest."""
    first, rest = [], []
    for group in groups:
        before = [i for i in group["item"] if i["linkId"] in early]
        after = [i for i in group["item"] if i["linkId"] not in early]
        if before:
            first.append({**group, "linkId": f"{group['linkId']}.first", "item": before})
        if after:
            rest.append({**group, "item": after})
    return first, rest


def main(arguments: list[str]) -> int:
    """Rewrite `data/questionnaires/` from a pack file. Exit 0: written; 2: bad input."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m fhir_profiles.questionnaires PACK.toml\n")
        return 2
    DATA.mkdir(parents=True, exist_ok=True)
    for name, resource in build(Path(arguments[0]).read_text(encoding="utf-8")).items():
        (DATA / f"{name}.json").write_text(render(resource), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
