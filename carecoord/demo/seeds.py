"""Which numbers and ids follow from the seed? One independent stream a question.

Every topic and every person draws from a stream of their own, so that one more elder, or one
more draw about an elder, changes nothing about anybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from typing import TypeVar
from uuid import UUID, uuid5

Choice = TypeVar("Choice")

_NAMESPACE = UUID("6f0c7c0e-6d2b-5a0e-9f0b-2f4b8b2c9d11")

# Irrational steps, independent over the rationals: points along several of them at once
# fill the unit square (cube, …) evenly, so that shares come out right at every length.
STEPS = {
    "programmes": (sqrt(5) - 1) / 2,
    "level": sqrt(2) - 1,
    "mode": sqrt(3) - 1,
    "licence": sqrt(7) - 2,
    "household": sqrt(11) - 3,
    "diagnosis": sqrt(13) - 3,
    "carer": sqrt(17) - 4,
}


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed of a street; equal seeds give equal streets on every machine."""

    value: int

    def dice(self, topic: str, *key: str | int) -> Random:
        """The random stream of one question about one thing."""
        return Random(":".join(map(str, (self.value, topic, *key))))  # noqa: S311 - no secrets

    def id(self, kind: str, *key: str | int) -> str:
        """The id of the resource of type `kind` with a natural key."""
        return str(uuid5(_NAMESPACE, ":".join(map(str, (self.value, kind, *key)))))

    def even(self, topic: str, index: int) -> float:
        """A number in [0, 1) for the `index`-th thing; any run of them is spread evenly.

        Raises
        ------
        KeyError
            The topic has no step in `STEPS`.
        """
        return (self.dice("even", topic).random() + (index + 1) * STEPS[topic]) % 1.0


def pick(at: float, weighted: Sequence[tuple[Choice, float]]) -> Choice:
    """The choice at the point `at` in [0, 1) of a table of choices and their weights."""
    rest = at * sum(weight for _, weight in weighted)
    for choice, weight in weighted:
        if rest < weight:
            return choice
        rest -= weight
    return weighted[-1][0]
