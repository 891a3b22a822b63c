"""Writers in line share a commit, and nobody's failure undoes another's work."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from carecoord.store.writers import Writers


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(
        f"sqlite:///{tmp_path / 'w.sqlite'}",
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with made.begin() as tx:
        tx.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    yield made
    made.dispose()


def put(tx: Connection, n: int) -> None:
    tx.execute(text("INSERT INTO t VALUES (:n)"), {"n": n})


def stored(engine: Engine) -> list[int]:
    with engine.connect() as tx:
        return [int(n) for (n,) in tx.execute(text("SELECT n FROM t ORDER BY n"))]


def test_what_a_writer_wrote_is_there_when_it_returns(engine: Engine) -> None:
    writers = Writers(engine)

    def write(n: int) -> bool:
        with writers.write() as tx:
            put(tx, n)
        return n in stored(engine)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(write, range(300)))
    assert stored(engine) == list(range(300))


def test_a_failing_writer_undoes_only_its_own_part(engine: Engine) -> None:
    writers = Writers(engine)

    def write(n: int) -> bool:
        try:
            with writers.write() as tx:
                put(tx, n)
                if n % 3 == 0:
                    raise RuntimeError
        except RuntimeError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(write, range(200)))
    assert kept == [n % 3 != 0 for n in range(200)]
    assert stored(engine) == [n for n in range(200) if n % 3 != 0]


def test_writers_in_line_share_a_commit(engine: Engine) -> None:
    writers = Writers(engine)
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    first_is_in, all_in_line = threading.Event(), threading.Event()

    def first() -> None:
        with writers.write() as tx:
            first_is_in.set()
            all_in_line.wait(10)
            put(tx, 0)

    def write(n: int) -> None:
        with writers.write() as tx:
            put(tx, n)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    first_is_in.wait(10)
    threads += [threading.Thread(target=write, args=(n,)) for n in range(1, 10)]
    for thread in threads[1:]:
        thread.start()
    while writers.in_line < 9:
        pass
    all_in_line.set()
    for thread in threads:
        thread.join()

    assert stored(engine) == list(range(10))
    assert len(commits) == 1


def test_a_lost_transaction_is_told_to_everyone_who_had_a_part_in_it(engine: Engine) -> None:
    writers, first_is_in, second_waits = Writers(engine), threading.Event(), threading.Event()
    told: list[str] = []

    def first() -> None:
        try:
            with writers.write() as tx:
                first_is_in.set()
                second_waits.wait(10)
                put(tx, 1)
        except SQLAlchemyError:
            told.append("first")

    def second() -> None:
        try:
            with writers.write() as tx:
                # What a full disk does: SQLite gives up the whole transaction.
                tx.exec_driver_sql("ROLLBACK")
        except SQLAlchemyError:
            told.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    first_is_in.wait(10)
    threads[1].start()
    while writers.in_line < 1:
        pass
    second_waits.set()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["first", "second"]
    assert stored(engine) == []
    with writers.write() as tx:
        put(tx, 7)
    assert stored(engine) == [7]
