"""docs/detectors.md names every kind and only rows that exist."""

import re
from pathlib import Path

from carecoord.planning.detect.rates import CODES
from carecoord.text.catalogue import LANGUAGES, entries
from tests import build

PAGE = (Path(__file__).parents[3] / "docs" / "detectors.md").read_text(encoding="utf-8")
RULES = build.rules(place="310106007")


def test_every_kind_is_defined_once_and_has_a_sentence_in_every_language() -> None:
    for code in CODES:
        assert PAGE.count(f"| `{code}`") == 1
        for language in LANGUAGES:
            assert code in entries(language)


def test_every_row_that_is_named_is_in_the_packs_and_every_row_of_the_detectors_is_named() -> None:
    page = PAGE.replace("`.grades`", "`detect.person.grades`")
    page = page.replace("`.birth_near_percent`", "`detect.person.birth_near_percent`")
    page = page.replace("`.address_percent`", "`detect.person.address_percent`")
    named = set(re.findall(r"`((?:detect|ltci|home_bed|family_bed|bed_link|work)\.[\w.]+)`", page))

    assert {rule for rule in named if rule not in RULES} == set()
    own = {row.rule_id for row in RULES.under("detect")}
    assert own - named == {"detect.names"}
