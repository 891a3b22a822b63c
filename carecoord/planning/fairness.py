"""How evenly is something spread over people? Pure."""

from collections.abc import Iterable, Sequence


def gini(shares: Iterable[float]) -> float | None:
    """Gini coefficient: 0 = all alike, towards 1 = one has everything; None without anything.

    ``G = Σᵢ Σⱼ |xᵢ − xⱼ| ÷ (2 n² x̄)``, computed from the sorted values.
    """
    found = sorted(shares)
    whole = sum(found)
    if not found or whole <= 0:
        return None
    n = len(found)
    weighted = sum((2 * rank - n - 1) * value for rank, value in enumerate(found, 1))
    return float(weighted / (n * whole))


def most_to_mean(shares: Sequence[float]) -> float | None:
    """The largest ÷ the mean: 1 = nobody has more than the mean; None without anything."""
    whole = sum(shares)
    return float(max(shares) * len(shares) / whole) if shares and whole > 0 else None
