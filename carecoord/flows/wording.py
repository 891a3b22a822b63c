"""How are the facts of a finding said? Codes become the words of the packs, in either language."""

from collections.abc import Mapping
from functools import cached_property

from carecoord.errors import Fact
from carecoord.model.catalogue import Catalogue
from carecoord.model.policy import Rules
from carecoord.text import Language, sentence
from carecoord.text.catalogue import DEFAULT

_ITEMS = frozenset({"item", "items"})
_CODED = frozenset("programme other payer strand bed needs unit what grade".split())


class Words:
    """The words of the rows in force: service items, programmes, payers, needs."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    @cached_property
    def _catalogue(self) -> Catalogue:
        return self._rules.catalogue()

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for code, pair in self._rules.table("detect.names").items():
            if isinstance(pair, tuple):
                found[code] = (str(pair[0]), str(pair[1]))
        for entry in self._rules.entries("detect.needs"):
            if isinstance(entry, Mapping):
                found[str(entry["need"])] = (str(entry["zh"]), str(entry["en"]))
        return found

    def say(self, code: str, facts: Mapping[str, Fact], language: Language = DEFAULT) -> str:
        """The sentence of a finding or of its evidence."""
        return sentence(code, self.spoken(facts, language), language)

    def spoken(self, facts: Mapping[str, Fact], language: Language) -> dict[str, Fact]:
        """The facts with names in place of codes; what has no name stays as it is."""
        return {name: self._value(name, value, language) for name, value in facts.items()}

    def _value(self, name: str, value: Fact, language: Language) -> Fact:
        if not isinstance(value, str) or name not in _ITEMS | _CODED:
            return value
        chinese = language == "zh_CN"
        parts = [self._word(name, part, chinese) for part in value.split(",")]
        return ("、" if chinese else ", ").join(parts)

    def _word(self, name: str, code: str, chinese: bool) -> str:
        if name in _ITEMS:
            if code not in self._catalogue:
                return code
            item = self._catalogue.item(code)
            return item.zh if chinese else item.en
        zh, en = self._names.get(code, (code, code))
        return zh if chinese else en
