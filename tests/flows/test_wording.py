"""Facts of findings are said with the words of the packs, in either language."""

from carecoord.flows.wording import Words
from carecoord.planning.detect.rates import CODES
from tests import build

WORDS = Words(build.rules())


def test_items_programmes_and_needs_are_named_in_the_language_asked_for() -> None:
    facts = {"items": "6,15", "programme": "ltci", "needs": "eating,moving", "days": 3}

    assert WORDS.spoken(facts, "zh_CN") == {
        "items": "沐浴、晨间护理",
        "programme": "长护险",
        "needs": "进食、行走与转移",
        "days": 3,
    }
    assert WORDS.spoken(facts, "en")["needs"] == "eating, walking and transfer"


def test_what_has_no_name_and_what_is_no_code_stays_as_it_is() -> None:
    assert WORDS.spoken({"items": "999", "other": "p-17", "last": "ltci"}, "en") == {
        "items": "999",
        "other": "p-17",
        "last": "ltci",
    }


def test_every_kind_is_said_differently_in_both_languages() -> None:
    for code in CODES:
        assert WORDS.say(code, {}, "zh_CN") != WORDS.say(code, {}, "en") != code
