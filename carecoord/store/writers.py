"""How do the writers of one process share the one write lock of SQLite?

A commit waits for the disk, and only one transaction can write at a time. So writers that stand in
line join the transaction of the one before them, each in a savepoint of its own, and the last in
line commits for all. Nobody is told of success before the disk has it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, NestedTransaction

TOGETHER = 64
"""Writers that may share one commit, so that the first does not wait for ever."""


@dataclass(slots=True)
class _Shared:
    """One transaction of several writers, and how it ended."""

    connection: Connection
    writers: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None


class Writers:
    """The line of writers before one SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._in_line = 0
        self._open: _Shared | None = None

    @property
    def in_line(self) -> int:
        """How many writers wait for their turn."""
        return self._in_line

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One writer's part of a transaction; it is on disk when the block has ended.

        An exception undoes this writer's part only.
        """
        with self._counting:
            self._in_line += 1
        self._turn.acquire()
        with self._counting:
            self._in_line -= 1
        try:
            shared, own = self._join()
        except BaseException:
            self._turn.release()
            raise
        try:
            yield shared.connection
        except BaseException:
            self._leave(shared, own, kept=False)
            raise
        self._leave(shared, own, kept=True)
        shared.ended.wait()
        if shared.failure is not None:
            raise shared.failure

    def _join(self) -> tuple[_Shared, NestedTransaction | None]:
        """The open transaction with a savepoint in it, or a new one without."""
        if self._open is not None:
            return self._open, self._open.connection.begin_nested()
        connection = self._engine.connect().execution_options(carecoord_write=True)
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._open = _Shared(connection)
        return self._open, None

    def _leave(self, shared: _Shared, own: NestedTransaction | None, *, kept: bool) -> None:
        """End one writer's part, and the transaction too if nobody in line can take it on."""
        try:
            if own is not None:
                (own.commit if kept else own.rollback)()
            if kept:
                shared.writers += 1
            whole = own is not None or kept
            if self._in_line and whole and shared.writers < TOGETHER:
                return
            self._end(shared, commit=whole)
        except BaseException as failure:
            # The transaction is lost, for all who had their part in it.
            self._end(shared, commit=False, failure=failure)
            raise
        finally:
            self._turn.release()

    def _end(self, shared: _Shared, *, commit: bool, failure: BaseException | None = None) -> None:
        self._open = None
        try:
            if commit:
                shared.connection.commit()
            else:
                shared.connection.rollback()
        except BaseException as lost:
            failure = failure or lost
        finally:
            shared.connection.close()
            shared.failure = failure
            shared.ended.set()
