"""What is done twice, what is left undone, and what does not fit the person?

Pure functions over the facts of one person; definitions in docs/detectors.md.
"""

from carecoord.model.facts import PersonFacts
from carecoord.planning.detect.duplicate import duplicates, same_persons
from carecoord.planning.detect.mismatch import mismatches
from carecoord.planning.detect.omission import omissions
from carecoord.planning.detect.rates import Rate, rates

__all__ = [
    "PersonFacts",
    "Rate",
    "duplicates",
    "mismatches",
    "omissions",
    "rates",
    "same_persons",
]
