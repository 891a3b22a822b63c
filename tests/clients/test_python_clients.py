"""Clients of others speak with this server as with any FHIR server."""

from typing import Any

import pytest
from fhirclient import client as fhirclient
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import ResourceNotFound


def test_fhirpy_creates_reads_searches_changes_and_deletes(fhir_url: str) -> None:
    client = SyncFHIRClient(fhir_url)
    patient: Any = client.resource(
        "Patient",
        name=[{"text": "王秀英"}],
        identifier=[{"system": "urn:fhirpy", "value": "1"}],
    )
    patient.create()
    found: Any = client.resources("Patient").search(identifier="urn:fhirpy|1").first()
    assert found.id == patient.id

    found["gender"] = "female"
    found.save()
    assert client.reference("Patient", patient.id).to_resource()["gender"] == "female"

    task: Any = client.resource(
        "Task", status="requested", intent="order", **{"for": patient.to_reference()}
    )
    task.create()
    pages = client.resources("Task").search(patient=patient.id).include("Task", "patient")
    assert [r.id for r in pages.fetch_all()] == [task.id]

    task.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Task", task.id).to_resource()


def test_fhirclient_creates_reads_and_searches(fhir_url: str) -> None:
    smart = fhirclient.FHIRClient({"app_id": "test", "api_base": fhir_url})
    made: Any = Patient(
        {
            "name": [{"family": "Wang", "given": ["Xiuying"]}],
            "birthDate": "1940-05-01",
            "identifier": [{"system": "urn:fhirclient", "value": "2"}],
        }
    ).create(smart.server)
    read: Any = Patient.read(made["id"], smart.server)
    assert read.birthDate.isostring == "1940-05-01"

    found: Any = Patient.where({"identifier": "urn:fhirclient|2"}).perform_resources(smart.server)
    assert [p.id for p in found] == [made["id"]]

    observation = Observation(
        {
            "status": "final",
            "code": {"text": "weight"},
            "subject": {"reference": f"Patient/{made['id']}"},
            "valueQuantity": {"value": 61.5, "unit": "kg"},
        }
    )
    observation.create(smart.server)
    of_patient: Any = Observation.where({"patient": made["id"]}).perform_resources(smart.server)
    assert of_patient[0].valueQuantity.value == 61.5
