"""The one catalogue of messages: gettext files per language, keyed by code.

A code is not a sentence in any language, so that zh-CN and en are translations of
equal standing. `msgid` = code, `msgstr` = a `str.format` template over the facts.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from babel.core import negotiate_locale
from babel.messages.pofile import read_po

from carecoord.errors import Fact

Language = Literal["zh_CN", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "zh_CN"


@cache
def entries(language: Language) -> Mapping[str, str]:
    """All templates of one language by code."""
    with files("carecoord.text").joinpath(f"{language}.po").open("rb") as source:
        return {
            str(message.id): str(message.string)
            for message in read_po(source, locale=language)
            if message.id
        }


def sentence(code: str, facts: Mapping[str, Fact], language: Language = DEFAULT) -> str:
    """The sentence of `code` with its facts.

    A `reason` that is a code with a sentence of its own is said as that sentence, with the same
    facts; states, roles and needs of a referral are said in words.

    An unknown code answers itself with its facts, so that an error is shown rather than lost;
    a test keeps the catalogue complete.
    """
    template = entries(language).get(code)
    if template is None:
        return " ".join([code, *(f"{name}={value}" for name, value in facts.items())])
    reason = facts.get("reason")
    if isinstance(reason, str) and reason != code and reason in entries(language):
        rest = {name: value for name, value in facts.items() if name != "reason"}
        facts = {**facts, "reason": sentence(reason, rest, language).rstrip("。.")}
    if code.startswith("referral."):
        facts = {name: _said(name, value, language) for name, value in facts.items()}
    return template.format_map(_Facts(facts))


def _said(name: str, value: Fact, language: Language) -> Fact:
    """A fact of a referral in words; what is no known code stays as it is."""
    word_of = _OF_REFERRALS.get(name)
    if word_of is None or not isinstance(value, str):
        return value
    known = entries(language)
    # A paused referral is said to be paused, not also where it goes back to.
    parts = [(part, word_of(part.partition("@")[0])) for part in value.split(", ")]
    said = [known.get(word, part) for part, word in parts]
    return ("、" if language == "zh_CN" else ", ").join(said)


_OF_REFERRALS: Mapping[str, Callable[[str], str]] = {
    "state": lambda code: f"page.referral.state.{code}",
    "to": lambda code: f"page.referral.state.{code}",
    "allowed": lambda code: f"page.referral.state.{code}",
    "role": lambda code: f"referral.role.{code}",
    "needs": lambda code: f"referral.need.{code}",
}


def negotiate(accepted: str, default: Language = DEFAULT) -> Language:
    """The best language for an `Accept-Language` header or a `zh-CN`/`en` parameter."""
    ranked = sorted(
        (_weighted(part) for part in accepted.split(",") if part.strip()),
        key=lambda pair: -pair[1],
    )
    wanted = [_alias(tag) for tag, weight in ranked if weight > 0]
    found = negotiate_locale(wanted, list(LANGUAGES), sep="_")
    return next((language for language in LANGUAGES if language == found), default)


def _weighted(part: str) -> tuple[str, float]:
    tag, _, parameter = part.strip().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        weight = 0.0
    return tag.strip(), weight


def _alias(tag: str) -> str:
    main = tag.replace("-", "_").split("_")[0].lower()
    return {"zh": "zh_CN", "en": "en"}.get(main, tag.replace("-", "_"))


class _Facts(dict[str, Fact]):
    """Facts that never make a message fail: an absent one shows its name."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
