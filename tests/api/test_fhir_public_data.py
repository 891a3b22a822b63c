"""What others published is taken in whole and read back without one altered number."""

import bz2
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from carecoord.fhir import bundle, wire
from carecoord.store.engine import Database

SHARED = Path(os.environ.get("CARECOORD_SHARED", Path(__file__).parents[3] / "shared")) / "fhir"
FHIR = {"content-type": "application/fhir+json"}


def published(pattern: str) -> list[Path]:
    if not SHARED.is_dir():
        pytest.skip("the folder of public data is not beside the repository")
    return sorted(SHARED.glob(pattern))


def literal(text: str | bytes) -> dict[str, Any]:
    """The JSON with numbers as they are written."""
    made: dict[str, Any] = json.loads(text, parse_float=str, parse_int=str)
    return made


def unstamped(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what a server may set: id, version and instant."""
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in _SET}
    return {k: v for k, v in resource.items() if k not in ("id", "meta")} | {"meta": meta}


_SET = ("versionId", "lastUpdated")


def test_every_official_example_is_read_back_as_it_was_sent(client: TestClient) -> None:
    sent = 0
    for file in published("r4-examples/*.json"):
        text = file.read_bytes()
        kind = literal(text)["resourceType"]
        made = client.post(f"/fhir/{kind}", content=text, headers=FHIR)
        assert made.status_code == 201, (file.name, made.text)
        found = client.get(made.headers["location"])
        assert unstamped(literal(found.content)) == unstamped(literal(text)), file.name
        sent += 1

    assert sent > 100


def test_bundles_of_synthea_load_whole(database: Database) -> None:
    files = published("synthea-r4/*.bz2")
    # The practitioners and hospitals that the patients refer to come first.
    chosen = [*(f for f in files if f.name.startswith("0-")), files[-1]]
    for file in chosen:
        sent = wire.loads(bz2.decompress(file.read_bytes()))
        with database.write() as tx:
            done = bundle.process(tx, sent)
        statuses = {e["response"]["status"] for e in done.response["entry"]}

        assert statuses <= {"200 OK", "201 Created"}, file.name
        assert len(done.response["entry"]) == len(sent["entry"])
