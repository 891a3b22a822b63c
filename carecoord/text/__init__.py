"""Code and facts in, a sentence in the reader's language out."""

from carecoord.text.catalogue import LANGUAGES, Language, negotiate, sentence

__all__ = ["LANGUAGES", "Language", "negotiate", "sentence"]
