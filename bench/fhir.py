"""How fast is the FHIR server: one server process on one core, asked by a second process?

    python bench/fhir.py [--url postgresql://...] [--requests N] [--clients N] [--documents N]
                         [--seconds S] [--json FILE]

A closed loop: each of the clients sends its next request when the last was answered. Creates are
validated and durable (SQLite synchronous = FULL, PostgreSQL synchronous_commit = on) when they
are answered. `$validate` and the import are measured inside the process, as the CLI runs them;
the import goes through the whole intake, with audit, reactions and detectors.
"""

import argparse
import asyncio
import bz2
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carecoord.access import everything
from carecoord.fhir import wire
from carecoord.flows import record
from carecoord.store.engine import Database, sqlite_url
from fhir_profiles import check

SHARED = Path(os.environ.get("CARECOORD_SHARED", Path(__file__).parents[2] / "shared"))
SERVER = """
import sys, uvicorn
from pathlib import Path
from api.app import create
from carecoord.settings import Settings
from carecoord.store.engine import Database
url, port, data = sys.argv[1:4]
app = create(Database.open(url), Settings.from_environment(Path(data)), work=False)
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
"""


def service_request(nth: int) -> dict[str, Any]:
    """A referral as a hospital sends it."""
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:oid:1.2.3", "value": f"R{nth}"}],
        "status": "active",
        "intent": "order",
        "priority": "routine",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "306206005"}]},
        "subject": {"reference": f"Patient/p{nth % 997}"},
        "authoredOn": "2024-05-01T10:00:00+08:00",
        "requester": {"reference": "Practitioner/d1"},
        "performer": [{"reference": "Organization/o1"}],
        "reasonCode": [
            {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I63.9"}],
                "text": "卒中",
            }
        ],
    }


def task(nth: int) -> dict[str, Any]:
    """A coordination task; one in twenty is still open."""
    return {
        "resourceType": "Task",
        "identifier": [{"system": "urn:oid:1.2.4", "value": f"T{nth}"}],
        "status": "requested" if nth % 20 == 0 else "completed",
        "intent": "order",
        "code": {
            "coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]
        },
        "focus": {"reference": f"ServiceRequest/s{nth}"},
        "for": {"reference": f"Patient/p{nth % 997}"},
        "authoredOn": "2024-05-01T10:00:00+08:00",
        "requester": {"reference": "Organization/h1"},
        "owner": {"reference": "Organization/o1"},
    }


OWN = "https://carecoord.example/fhir"


def care_plan() -> dict[str, Any]:
    """An integrated care plan of eight services, which claims our profile."""

    def extension(name: str, **value: Any) -> dict[str, Any]:
        return {"url": f"{OWN}/StructureDefinition/{name}", **value}

    def concept(system: str, code: str) -> dict[str, Any]:
        return {"coding": [{"system": f"{OWN}/CodeSystem/{system}", "code": code}]}

    window = [{"url": "start", "valueTime": "08:00:00"}, {"url": "end", "valueTime": "11:00:00"}]
    return {
        "resourceType": "CarePlan",
        "meta": {"profile": [f"{OWN}/StructureDefinition/integrated-care-plan"]},
        "identifier": [{"system": "urn:oid:1.2.5", "value": "P1"}],
        "status": "active",
        "intent": "plan",
        "category": [concept("plan-category", "integrated")],
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2024-05-01", "end": "2024-07-31"},
        "author": {"reference": "Practitioner/d1"},
        "addresses": [{"reference": "Condition/c1"}],
        "goal": [{"reference": "Goal/g1"}, {"reference": "Goal/g2"}],
        "activity": [
            {
                "detail": {
                    "extension": [
                        extension("visit-group", valueString=f"visit-{n // 2}"),
                        extension("visit-minutes", valuePositiveInt=40),
                        extension("visit-priority", valuePositiveInt=5),
                        extension("programme", valueCode="home-hospital-bed"),
                        extension("visit-window", extension=window),
                    ],
                    "kind": "ServiceRequest",
                    "code": concept("service-item", f"{33 + n}"),
                    "status": "scheduled",
                    "doNotPerform": False,
                    "scheduledTiming": {
                        "repeat": {
                            "frequency": 3,
                            "period": 1,
                            "periodUnit": "wk",
                            "duration": 40,
                            "durationUnit": "min",
                            "timeOfDay": ["09:00:00"],
                        }
                    },
                    "performer": [{"reference": "PractitionerRole/r1"}],
                    "description": "Wound care at home",
                }
            }
            for n in range(8)
        ],
    }


@dataclass(frozen=True)
class Row:
    """One line of the table; `milliseconds` are of single requests."""

    what: str
    per_second: float
    milliseconds: list[float]

    def at(self, share: float) -> float:
        """The time that this share of the requests stays within."""
        ordered = sorted(self.milliseconds)
        return ordered[int(share * (len(ordered) - 1))] if ordered else 0.0

    def __str__(self) -> str:
        times = " ".join(f"{self.at(share):8.2f}" for share in (0.5, 0.95, 0.99))
        return f"{self.what:62} {self.per_second:9.0f}/s  {times}"

    def figures(self) -> dict[str, str | float]:
        """The line for programs; times in milliseconds."""
        times = {f"p{share * 100:.0f}_ms": round(self.at(share), 3) for share in (0.5, 0.95, 0.99)}
        return {"what": self.what, "per_second": round(self.per_second, 1), **times}


async def _client(port: int, jobs: list[bytes], done: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while jobs:
        sent = time.perf_counter()
        writer.write(jobs.pop())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = next(
            (int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")),
            0,
        )
        body = await reader.readexactly(length)
        if status >= 400:
            raise RuntimeError(body.decode())
        done.append((time.perf_counter() - sent) * 1000)
    writer.close()


def closed_loop(what: str, port: int, clients: int, requests: list[bytes]) -> Row:
    """Answer every request, `clients` at a time."""

    async def run() -> list[float]:
        done: list[float] = []
        await asyncio.gather(*(_client(port, requests, done) for _ in range(clients)))
        return done

    began = time.perf_counter()
    done = asyncio.run(run())
    return Row(what, len(done) / (time.perf_counter() - began), done)


def http(method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
    """One HTTP request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n"
    if body is not None:
        head += "Content-Type: application/fhir+json\r\n"
    return head.encode() + b"\r\n" + content


def over_http(url: str, port: int, clients: int, requests: int, documents: int) -> Iterator[Row]:
    """Create, read and search through the server."""
    made = [service_request if n % 2 else task for n in range(requests)]
    creates = [
        http("POST", f"/fhir/{r['resourceType']}", r) for n, f in enumerate(made) for r in [f(n)]
    ]
    yield closed_loop("create Task/ServiceRequest", port, clients, creates)
    fill(url, documents)
    reads = [http("GET", f"/fhir/Task/t{n * 37 % documents}") for n in range(requests * 2)]
    yield closed_loop("read", port, clients, reads)
    for what, query in (
        ("search patient + status", "patient=p{0}&status=requested"),
        ("search identifier", "identifier=urn:oid:1.2.4|T{0}"),
        ("search status, newest first", "status=requested&_sort=-_lastUpdated&_count=20"),
    ):
        asked = [http("GET", "/fhir/Task?" + query.format(n * 31 % 997)) for n in range(300)]
        yield closed_loop(f"{what}, {documents} documents", port, 2, asked)


def fill(url: str, documents: int) -> None:
    """Put Tasks straight into the store, many in one transaction."""
    from carecoord.store import documents as store

    database = Database.open(url)
    for first in range(0, documents, 5000):
        with database.write() as tx:
            for nth in range(first, min(first + 5000, documents)):
                store.create(tx, task(nth), id=f"t{nth}")
    database.analyze()
    database.close()


def validating(seconds: float = 2.0) -> Row:
    """`$validate` of a profiled CarePlan, in process."""
    plan = wire.loads(json.dumps(care_plan()))
    if faults := [f for f in check.findings(plan) if f.severity == "error"]:
        raise RuntimeError(f"the plan breaks its profile: {faults}")
    what = "$validate of a profiled CarePlan, in process"
    return _repeat(what, lambda: check.findings(plan), seconds)


def _repeat(what: str, act: Callable[[], object], seconds: float) -> Row:
    act()
    times, end = [], time.perf_counter() + seconds
    while (now := time.perf_counter()) < end:
        act()
        times.append((time.perf_counter() - now) * 1000)
    return Row(what, 1000 * len(times) / sum(times), times)


def importing(url: str) -> Row | None:
    """Transaction bundles of Synthea, in process; None without the public data."""
    files = sorted((SHARED / "fhir" / "synthea-r4").glob("*.bz2"))
    if not files:
        return None
    database, caller = Database.open(url), everything("bench")
    resources, spent, times = 0, 0.0, []
    for file in files:
        text = bz2.decompress(file.read_bytes())
        began = time.perf_counter()
        bundle = wire.loads(text)
        with database.write() as tx:
            done = record.submit_bundle(tx, caller, bundle)
        times.append((time.perf_counter() - began) * 1000)
        spent += times[-1] / 1000
        resources += len(done.stored)
    database.close()
    what = f"import of {len(files)} Synthea bundles through the intake (resources)"
    return Row(what, resources / spent, times)


def serve(url: str, data: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """A server of its own process, held on the first core."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, url, str(port), str(data)])
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) > 1:
        os.sched_setaffinity(server.pid, {cores[0]})
        os.sched_setaffinity(0, set(cores[1:]))
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/fhir/metadata").read()
            return server, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", help="an empty PostgreSQL database; else SQLite in a new folder")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each `$validate` run (2)")
    parser.add_argument("--json", type=Path, help="write the table for programs")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = args.url or sqlite_url(Path(folder))
        print(f"{'':62} {'rate':>9}      p50 ms   p95 ms   p99 ms")
        rows: list[Row] = []

        def show(row: Row) -> None:
            rows.append(row)
            print(row, flush=True)

        server, port = serve(url, Path(folder))
        try:
            for row in over_http(url, port, args.clients, args.requests, args.documents):
                show(row)
        finally:
            server.terminate()
            server.wait()
        show(validating(args.seconds))
        if imported := importing(url):
            show(imported)
    if args.json:
        database = url.partition(":")[0]
        about = {"database": database, "documents": args.documents, "clients": args.clients}
        table = {**about, "rows": [row.figures() for row in rows]}
        args.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
