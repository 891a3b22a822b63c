"""Whatever is sent, the answer is FHIR: never a stack trace, and nothing broken is stored."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import problems
from api.fhir import router
from carecoord.store.engine import Database, sqlite_url

SEEDS: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "name": [{"family": "Wang", "given": ["Xiu"]}],
        "birthDate": "1940-05-01",
        "contact": [{"name": {"text": "A"}}],
        "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
        "managingOrganization": {"reference": "#o"},
        "extension": [{"url": "urn:x", "valueQuantity": {"value": 1.5}}],
    },
    {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "for": {"reference": "Patient/p"},
        "restriction": {"period": {"start": "2024-01-01"}},
        "input": [{"type": {"text": "x"}, "valueDateTime": "2024-01-01T00:00:00Z"}],
    },
    {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:11111111-2222-3333-4444-555555555555",
                "resource": {"resourceType": "Patient", "gender": "male"},
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=a|b"},
            },
            {"request": {"method": "GET", "url": "Patient?name=x"}},
        ],
    },
]

odd = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.sampled_from(["Patient/p", "#o", "2024-02-30", "urn:uuid:x", "*", "a|b", "_id", "￿"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=4,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))
        else:
            yield (*path, key)


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A resource with one to three parts replaced by anything."""
    made = copy.deepcopy(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(sorted(places(made), key=str)))
        node: Any = made
        for step in above:
            node = node[step]
        node[last] = draw(odd)
    return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    database = Database.open(sqlite_url(tmp_path_factory.mktemp("fuzz")))
    app = FastAPI()
    app.state.database = database
    app.include_router(router)
    problems.install(app)
    yield app
    database.close()


def answered(response: Any) -> None:
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.json()["resourceType"] == "OperationOutcome"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(broken())
def test_any_resource_gets_a_fhir_answer(served: FastAPI, resource: Any) -> None:
    client = TestClient(served, raise_server_exceptions=False)
    kind = resource.get("resourceType")
    path = "/fhir" if kind == "Bundle" else f"/fhir/{kind if isinstance(kind, str) else 'Patient'}"
    headers = {"content-type": "application/fhir+json"}
    response = client.post(path.split("?")[0], content=json.dumps(resource), headers=headers)
    answered(response)
    if response.status_code == 201:
        again = client.post(
            f"{path}/$validate", content=json.dumps(resource), headers=headers
        ).json()
        assert all(issue["severity"] != "error" for issue in again["issue"])


query_names = st.sampled_from(
    "name birthdate identifier _id _lastUpdated _sort _count _include _has:Task:patient:status "
    "organization.name gender:not active:missing _elements _summary _page _total _tag phone".split()
)
query_values = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["gt2024", "a|b", "|", ",", "\\", "true", "-name", "Patient:link", "9" * 20]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(query_names, query_values), max_size=4))
def test_any_search_gets_a_fhir_answer(served: FastAPI, pairs: list[tuple[str, str]]) -> None:
    client = TestClient(served, raise_server_exceptions=False)
    answered(client.get("/fhir/Patient", params=pairs))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_get_a_fhir_answer(served: FastAPI, body: bytes) -> None:
    client = TestClient(served, raise_server_exceptions=False)
    for path in ("/fhir", "/fhir/Patient", "/fhir/Patient/$validate", "/fhir/Patient/$match"):
        answered(client.post(path, content=body, headers={"content-type": "application/fhir+json"}))


def test_no_request_of_the_contract_fails_the_server(served: FastAPI) -> None:
    contract = schemathesis.openapi.from_asgi("/openapi.json", served)
    tried = 0
    for found in contract.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]

        @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            assert case.call().status_code < 500, case.path

        ask()
        tried += 1

    assert tried > 20
