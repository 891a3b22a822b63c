"""Whatever the number of threads and processes, one identity is stored once."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from carecoord.errors import Stale
from carecoord.fhir import bundle, documents
from carecoord.store import documents as store
from carecoord.store.engine import Database

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:card", "value": "1"}],
}


def _create(url: str, done: Any) -> None:
    database = Database.open(url)

    def once(_: int) -> str:
        entry = {
            "resource": dict(PATIENT),
            "request": {
                "method": "POST",
                "url": "Patient",
                "ifNoneExist": "identifier=urn:card|1",
            },
        }
        sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        with database.write() as tx:
            answer = bundle.process(tx, sent).response["entry"][0]["response"]
        return str(answer["status"])

    with ThreadPoolExecutor(5) as pool:
        done.put(list(pool.map(once, range(5))))
    database.close()


def _update(url: str, done: Any) -> None:
    database = Database.open(url)

    def once(nth: int) -> bool:
        changed = {**PATIENT, "id": "p", "multipleBirthInteger": nth + 1}
        try:
            with database.write() as tx:
                documents.update(tx, "Patient", "p", changed, expected=1)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        done.put(list(pool.map(once, range(6))))
    database.close()


def in_two_processes(target: Any, url: str) -> list[Any]:
    context = multiprocessing.get_context("spawn")
    done = context.Queue()
    workers = [context.Process(target=target, args=(url, done)) for _ in range(2)]
    for worker in workers:
        worker.start()
    results = [item for _ in workers for item in done.get(timeout=120)]
    for worker in workers:
        worker.join()
    return results


def test_parallel_conditional_creates_of_two_processes_make_one_row(
    database: Database, database_url: str
) -> None:
    statuses = in_two_processes(_create, database_url)

    assert sorted(statuses) == ["200 OK"] * 9 + ["201 Created"]
    with database.read() as tx:
        assert len(store.find(tx, "Patient")) == 1


def test_of_parallel_updates_of_two_processes_one_wins(
    database: Database, database_url: str
) -> None:
    with database.write() as tx:
        documents.update(tx, "Patient", "p", {**PATIENT, "id": "p"})

    assert sorted(in_two_processes(_update, database_url)) == [False] * 11 + [True]
