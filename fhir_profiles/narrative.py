"""Is a narrative harmless XHTML?

Only elements and attributes that FHIR R4 lists for narratives; nothing that runs.
"""

import html
import re
from html.entities import name2codepoint
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

SPACE = "http://www.w3.org/1999/xhtml"

ELEMENTS = frozenset(
    "a abbr acronym address b big blockquote br caption center cite code col colgroup dd dfn "
    "div dl dt em font h1 h2 h3 h4 h5 h6 hr i img li ol p pre q s samp small span strike "
    "strong sub sup table tbody td tfoot th thead tr tt u ul var del ins kbd bdo map area "
    "dir".split()
)

ATTRIBUTES = frozenset(
    "abbr accesskey align alink alt axis bgcolor border cellhalign cellpadding cellspacing "
    "cellvalign char charoff charset cite class clear color colspan compact coords datetime "
    "dir face frame headers height href hreflang hspace id lang link longdesc media name "
    "nohref noshade nowrap rel rev rowspan rules scope shape size span src start style "
    "summary tabindex target text title type usemap valign value vlink vspace width xml:lang "
    "xml:space xmlns".split()
)

_UNSAFE = re.compile(r"^\s*(?:javascript|vbscript|data(?!:\s*image/))\s*:", re.IGNORECASE)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


EMPTY = "div"
"""The problem of a narrative that says nothing; official examples have it."""


def problem(text: str) -> str:
    """What is wrong with a narrative, in a word a message can show; empty if nothing."""
    if "<!" in text and re.search(r"<!(?!--)", text):
        return "<!"
    reader = _Reader()
    parser = ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.words
    parser.ProcessingInstructionHandler = reader.instruction
    try:
        parser.Parse(_ENTITY.sub(_character, text).encode(), True)
    except ExpatError as error:
        return f"XML: {ErrorString(error.code)}"
    return reader.found or ("" if reader.content else EMPTY)


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _XML or name not in name2codepoint:
        return match[0]
    return html.unescape(match[0])


class _Reader:
    """Notes the first thing that may not be there."""

    def __init__(self) -> None:
        self.found, self.content, self.depth = "", False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0 and (name != "div" or attributes.get("xmlns") != SPACE):
            self.note("div xmlns")
        self.depth += 1
        if name not in ELEMENTS:
            self.note(name)
        for key, value in attributes.items():
            if (key not in ATTRIBUTES and not key.startswith("xmlns")) or (
                key in ("href", "src") and _UNSAFE.match(value)
            ):
                self.note(f"{name}@{key}")
        if name == "img":
            self.content = True

    def end(self, _: str) -> None:
        self.depth -= 1

    def words(self, text: str) -> None:
        if not text.isspace():
            self.content = True

    def instruction(self, target: str, _: str) -> None:
        self.note(f"<?{target}")

    def note(self, what: str) -> None:
        self.found = self.found or what
