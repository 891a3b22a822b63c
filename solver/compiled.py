"""Which of the compiled searches takes a day, and can compiled code run here at all?

Nothing else of the solver's public face imports the kernels: where the compiler is missing, or its
code can be neither made nor kept, whoever asks hears `NotCompiled` and plans without them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from solver.model import Model
from solver.options import Options
from solver.routes import Plan

if TYPE_CHECKING:
    from solver.improve import Watch

__all__ = ["NotCompiled", "improve", "warm"]


class NotCompiled(Exception):
    """Compiled code cannot run here; the message says why."""


def improve(
    model: Model, plan: Plan, options: Options, until: float, watch: Watch | None
) -> tuple[Plan, int]:
    """The best plan found from `plan` by the search that suits the day, and its rounds.

    Parameters
    ----------
    until
        `time.monotonic` at which to stop whatever happens.

    Raises
    ------
    NotCompiled
        Nothing was searched; `plan` is as it was.
    """
    try:
        from numba.core.errors import NumbaError

        from solver import improve as shared
        from solver import ordered, single
        from solver.kernels.arrays import fixed_of
    except Exception as fault:
        # Whatever keeps a compiled module from being loaded: no compiler, the wrong one for this
        # machine, a cache folder nobody may write.
        raise NotCompiled(_reason(fault)) from fault
    try:
        if ordered.suits(model):
            begun = plan if plan.routes else None
            found = ordered.improve_order(model, options, until, watch, start=begun)
            if found is not None:
                return found
        fixed = fixed_of(model)
        if single.suits(model, fixed):
            return single.improve_single(model, fixed, plan, options, until, watch)
        return shared.improve(model, plan, options, until, watch)
    except (NumbaError, OSError) as fault:
        raise NotCompiled(_reason(fault)) from fault


def warm(say: Callable[[], None]) -> None:
    """Compile or load the compiled searches; call `say` once before anything has to be compiled.

    Where compiled code cannot run this does nothing: whoever solves next is told so.
    """
    try:
        from numba.core import event

        from solver.improve import warm as all_of_them
    except Exception:
        return

    class Listener(event.Listener):
        told = False

        def on_start(self, _event: object) -> None:
            if not self.told:
                self.told = True
                say()

        def on_end(self, _event: object) -> None:
            pass

    with event.install_listener("numba:compile", Listener()):
        all_of_them()


def _reason(fault: BaseException) -> str:
    return f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}"[:300]
