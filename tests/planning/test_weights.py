"""Named weight profiles: what they hold, and what is refused in a file of an installation's own."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid, Missing
from carecoord.planning import weights
from carecoord.planning.problem import Costs
from carecoord.text.catalogue import LANGUAGES, Language, entries
from solver import MAX_COST, Verdict, Weights
from solver.check import RULES

TEXTS = '[title]\nzh = "我们的"\nen = "Ours"\n[description]\nzh = "试"\nen = "A try"\n'


def own(data: Path, name: str, text: str) -> None:
    folder = data / weights.FOLDER
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(TEXTS + text, encoding="utf-8")


def test_the_standard_profile_is_what_the_solver_does_without_one() -> None:
    assert weights.profile() == (Weights(), Costs())


def test_every_bundled_profile_reads_and_differs_from_the_others() -> None:
    shelf = weights.every()

    assert shelf.broken == {}
    assert shelf.profiles[0].name == "standard"
    assert {"continuity", "economy"} <= {one.name for one in shelf.profiles}
    numbers = [tuple(one.numbers().values()) for one in shelf.profiles]
    assert len(set(numbers)) == len(numbers)


def test_nothing_soft_outweighs_a_required_visit_in_a_bundled_profile() -> None:
    day_long = 24 * 3600
    for one in weights.every().profiles:
        w, c = one.weights, one.costs
        alone = day_long * (w.overtime + w.late + w.early + w.travel + w.waiting + w.load)
        wishes = w.continuity * c.other_carer + w.preference * (
            3 * c.above_level + c.other_gender + c.other_language
        )
        assert alone + wishes + w.change_carer < w.unserved_mandatory


def test_an_installation_adds_profiles_and_replaces_a_bundled_one(tmp_path: Path) -> None:
    own(tmp_path, "quick", "[weights]\ntravel = 9\n")
    own(tmp_path, "standard", "[costs]\nother_carer = 1\n")

    shelf = weights.every(tmp_path)

    assert weights.read("quick", tmp_path).weights == Weights(travel=9)
    assert weights.profile("standard", tmp_path) == (Weights(), Costs(other_carer=1))
    assert [(p.name, p.site) for p in shelf.profiles if p.site] == [
        ("standard", True),
        ("quick", True),
    ]
    assert weights.profile("standard") == (Weights(), Costs())


def test_a_broken_file_is_named_and_hides_no_other_profile(tmp_path: Path) -> None:
    own(tmp_path, "broken", "[weights]\ntravle = 9\n")

    shelf = weights.every(tmp_path)

    error = shelf.broken["broken"]
    assert (error.code, error.field) == ("profile.key", "weights.travle")
    assert error.facts["key"] == "travle" and "travel" in str(error.facts["known"])
    assert [p.name for p in shelf.profiles] == [p.name for p in weights.every().profiles]


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (TEXTS + "[weights]\ntravel = -1\n", "profile.value", "weights.travel"),
        (TEXTS + "[weights]\ntravel = 1.5\n", "profile.value", "weights.travel"),
        (TEXTS + "[weights]\ntravel = true\n", "profile.value", "weights.travel"),
        (TEXTS + f"[costs]\nother_carer = {MAX_COST + 1}\n", "profile.value", "costs.other_carer"),
        (TEXTS + "[costs]\ntravel = 1\n", "profile.key", "costs.travel"),
        (TEXTS + "[speed]\na = 1\n", "profile.key", "speed"),
        ("weights = 3\n" + TEXTS, "profile.table", "weights"),
        ('[title]\nzh = "a"\nen = "b"\n', "profile.text", "description.zh"),
        (TEXTS.replace('"Ours"', '" "'), "profile.text", "title.en"),
        ("[weights\n", "profile.toml", "mine"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        weights.parse(text, "mine")

    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("name", ["none", "../standard", "Standard", "", "a/b"])
def test_an_unknown_profile_names_those_that_there_are(name: str, tmp_path: Path) -> None:
    with pytest.raises(Missing) as caught:
        weights.read(name, tmp_path)

    assert caught.value.code == "profile.none"
    assert "continuity" in str(caught.value.facts["known"])


@given(st.dictionaries(st.sampled_from(weights.known_weights()), st.integers(0, MAX_COST)))
def test_single_weights_of_a_request_replace_those_and_no_others(single: dict[str, int]) -> None:
    before = weights.read("economy")

    assert weights.changed(before, single).numbers() == before.numbers() | single


@pytest.mark.parametrize(
    ("single", "code", "field"),
    [
        ({"travle": 1}, "profile.key", "/weights/travle"),
        ({"travel": -1}, "profile.value", "/weights/travel"),
    ],
)
def test_a_wrong_single_weight_is_named(single: dict[str, int], code: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        weights.changed(weights.read(), single)

    assert (caught.value.code, caught.value.field) == (code, field)


def test_every_rule_of_the_judge_has_a_level_and_every_weight_a_rule() -> None:
    files = Path(inspect.getfile(Verdict)).parent.glob("check*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    blamed = set(re.findall(r'blame\(\s*"(\w+)"', source)) - {"cost"}

    assert set(weights.HARD) == blamed
    assert set(weights.DRIVEN_BY) == set(RULES)
    driving = {name for names in weights.DRIVEN_BY.values() for name in names}
    assert driving == set(weights.known_weights())
    assert not {f.name for f in fields(Weights)} & {f.name for f in fields(Costs)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_weight_has_a_name(language: Language) -> None:
    wanted = {f"page.planrule.{one.severity}.{one.name}" for one in weights.rules()}
    wanted |= {f"page.weight.{name}" for name in weights.known_weights()}

    assert wanted <= set(entries(language))
    left = {c for c in entries(language) if c.startswith(("page.planrule.", "page.weight."))}
    assert left == wanted


def test_a_run_is_planned_under_its_profile_with_its_single_weights() -> None:
    assert weights.asked({}) == (Weights(), Costs())
    found = weights.asked({"profile": "economy", "weights": {"travel": 9, "other_carer": 7}})

    economy = weights.read("economy")
    assert found[0].travel == 9 and found[1].other_carer == 7
    assert found[0].overtime == economy.weights.overtime
