"""How long to search, and what is worth how much."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace

from solver.errors import ProblemError
from solver.types import MAX_COST

__all__ = ["Options", "Weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """Cost of one unit of each thing a plan should avoid.

    unserved_mandatory, unserved_optional, unserved_priority
        Per visit not made (without a `penalty` of its own), and on top per step of priority:
        ``unserved_x * (1 + priority)``.
    unserved_due
        On top for a visit due today; half of it when due tomorrow, a third a day later, and so on.
    overtime, late, early, travel, waiting
        Per second: after the shift's soft end, after or before the preferred time, on the way,
        idle between leaving and coming home (breaks excluded).
    largest_late
        Per second of the largest single lateness of the day.
    continuity, preference
        Factor on the costs the visits carry.
    outside_area
        Per visit made by a carer of other areas.
    load
        Per second of service of a carer above a fair share of the day (by length of shifts).
    hard
        Per hard visit of a carer above a fair share of them, rounded up.
    change_carer, change_start, change_dropped
        Against the previous plan: per visit and carer not kept, per second of moved start, and per
        visit nobody makes any more, on top of what it costs as unserved.
    """

    unserved_mandatory: int = 10_000_000
    unserved_optional: int = 100_000
    unserved_due: int = 200_000
    overtime: int = 10
    late: int = 1
    early: int = 1
    travel: int = 2
    waiting: int = 0
    largest_late: int = 0
    continuity: int = 1
    preference: int = 1
    outside_area: int = 600
    load: int = 0
    hard: int = 0
    change_carer: int = 1_800
    change_start: int = 1
    change_dropped: int = 0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COST:
                raise ProblemError(
                    "number.range", f"weights.{one.name}", value=str(value), low=0, high=MAX_COST
                )


@dataclass(frozen=True, slots=True)
class Options:
    """Search limits and weights.

    seconds
        Hard wall-clock limit of the whole search.
    iterations
        Step limit. With it (and `seconds` long enough never to be met) the same problem and seed
        give the same plan, bit for bit. None: search until `seconds`.
    seed
        Of every random choice.
    engine
        ``kernels``: the compiled search. ``routing``: OR-Tools, kept as a cross-check and where
        compiled code cannot run.
    threads
        Processes of a multi-start search; each takes one core.
    mild
        Start cool: polish a good plan instead of searching widely.
    """

    seconds: int = 30
    iterations: int | None = None
    seed: int = 1
    engine: str = "kernels"
    threads: int = 1
    mild: bool = False
    weights: Weights = Weights()

    def __post_init__(self) -> None:
        for name, low in (("seconds", 1), ("seed", 0), ("threads", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= 2**31:
                raise ProblemError(
                    "number.range", f"options.{name}", value=str(value), low=low, high=2**31
                )
        if self.engine not in ("kernels", "routing"):
            raise ProblemError("options.engine", "options.engine", value=str(self.engine))
        if self.iterations is not None and self.iterations < 0:
            raise ProblemError(
                "number.range", "options.iterations", value=self.iterations, low=0, high=2**31
            )

    @classmethod
    def preset(cls, name: str) -> Options:
        """Options whose weights express a published objective, or a day of the street.

        ``vrptw`` distance; ``mankowska`` travel + total tardiness + largest tardiness (three times
        the published mean); ``bredstrom`` travel; ``street`` the defaults.

        Raises
        ------
        ProblemError
            ``options.preset``: there is none of this name.
        """
        if name not in _PRESETS:
            raise ProblemError("options.preset", "options", name=name, known=", ".join(_PRESETS))
        return cls(weights=_PRESETS[name])

    @classmethod
    def from_toml(cls, text: str) -> Options:
        """Read options from TOML: top-level names as here and a table ``[weights]``.

        Raises ProblemError on an unknown name, a wrong type or text that is not TOML.
        """
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            raise ProblemError("options.toml", "options", message=str(fault)) from fault
        weights = data.pop("weights", {})
        for given, known, path in ((data, cls, "options"), (weights, Weights, "weights")):
            names = {one.name for one in fields(known)}
            for name in given:
                if name not in names:
                    raise ProblemError("options.unknown", f"{path}.{name}", name=name)
        return replace(cls(weights=Weights(**weights)), **data)


_PRESETS = {
    "vrptw": Weights(travel=1, unserved_mandatory=1_000_000),
    "mankowska": Weights(
        travel=1, late=1, early=0, largest_late=1, unserved_mandatory=1_000_000_000
    ),
    "bredstrom": Weights(travel=1, unserved_mandatory=1_000_000),
    "street": Weights(),
}
