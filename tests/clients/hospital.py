"""A hospital with a small FHIR server, as a process of its own.

    python -m tests.clients.hospital CARECOORD LOG

It subscribes to its referrals, sends one by message, answers what it is asked, and writes down
everything it hears, one JSON line each. It knows nothing of carecoord but its address.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import httpx

TOPIC = "https://carecoord.example/fhir/SubscriptionTopic/referral-task"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
COW = "http://hl7.org/fhir/uv/cow/CodeSystem/temp"
NUMBER = "https://carecoord.example/fhir/sid/referral"
DIRECTION = "https://carecoord.example/fhir/CodeSystem/referral-direction"
FHIR = {"Content-Type": "application/fhir+json"}


class Hospital:
    """What it keeps: events heard by number, and the log."""

    def __init__(self, carecoord: str, log: Path) -> None:
        self.carecoord, self.log = carecoord, log
        self.lock = Lock()

    def note(self, what: str, **facts: Any) -> None:
        with self.lock, self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **facts}, ensure_ascii=False) + "\n")

    def hear(self, bundle: dict[str, Any]) -> None:
        status = bundle["entry"][0]["resource"]
        said = {p["name"]: p for p in status["parameter"]}
        kind = said["type"]["valueCode"]
        if kind != "event-notification":
            self.note(kind)
            return
        parts = {p["name"]: p for p in said["notification-event"]["part"]}
        focus = parts["focus"]["valueReference"]["reference"]
        self.note("event", number=int(parts["event-number"]["valueString"]), focus=focus)
        Thread(target=self.look, args=(focus,)).start()

    def look(self, focus: str) -> None:
        """Read the Task that changed; answer a question; keep the feedback."""
        task = httpx.get(f"{self.carecoord}/fhir/{focus}").json()
        state = task["businessStatus"]["coding"][0]["code"]
        self.note("state", state=state)
        if state == "awaiting-information" and task["note"][-1]["extension"][0]["valueCode"] == (
            "question"
        ):
            self.answer(task)
        if state == "completed":
            self.note("feedback", text=task["output"][-1]["valueString"])

    def answer(self, task: dict[str, Any]) -> None:
        body = task | {
            "status": "received",
            "note": [*task["note"], {"text": "华法林 2.5 mg 每日一次"}],
        }
        version = task["meta"]["versionId"]
        answer = httpx.put(
            f"{self.carecoord}/fhir/Task/{task['id']}",
            content=json.dumps(body),
            headers=FHIR | {"If-Match": f'W/"{version}"'},
        )
        self.note("answered", status=answer.status_code)

    def subscribe(self, here: str) -> None:
        subscription = {
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "referrals of this hospital",
            "criteria": TOPIC,
            "_criteria": {
                "extension": [
                    {
                        "url": f"{BACKPORT}/backport-filter-criteria",
                        "valueString": "Task?requester=Organization/hospital",
                    }
                ]
            },
            "channel": {
                "type": "rest-hook",
                "endpoint": f"{here}/notify",
                "payload": "application/fhir+json",
                "extension": [
                    {"url": f"{BACKPORT}/backport-heartbeat-period", "valueUnsignedInt": 60}
                ],
                "_payload": {
                    "extension": [
                        {"url": f"{BACKPORT}/backport-payload-content", "valueCode": "id-only"}
                    ]
                },
            },
        }
        made = httpx.post(
            f"{self.carecoord}/fhir/Subscription", content=json.dumps(subscription), headers=FHIR
        )
        self.note("subscribed", status=made.status_code, id=made.json().get("id", ""))

    def send(self) -> None:
        """One discharge by message, twice: the network is not to be trusted."""
        urls = {k: f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n, k in enumerate("hprt")}
        patient = {
            "resourceType": "Patient",
            "identifier": [{"system": NUMBER, "value": "H-P-1"}],
            "name": [{"text": "李桂兰"}],
            "gender": "female",
        }
        request = {
            "resourceType": "ServiceRequest",
            "identifier": [{"system": NUMBER, "value": "H-R-1"}],
            "status": "active",
            "intent": "order",
            "code": {
                "coding": [
                    {
                        "system": "https://carecoord.example/fhir/CodeSystem/bed-kind",
                        "code": "home-hospital-bed",
                    }
                ]
            },
            "category": [{"coding": [{"system": DIRECTION, "code": "down"}]}],
            "subject": {"reference": urls["p"]},
            "authoredOn": "2026-03-05T09:00:00+08:00",
            "requester": {"reference": "Organization/hospital"},
            "performer": [{"reference": "Organization/centre"}],
            "reasonCode": [{"text": "心房颤动"}],
            "note": [{"text": "出院，需家庭病床"}],
        }
        task = {
            "resourceType": "Task",
            "identifier": [{"system": NUMBER, "value": "H-T-1"}],
            "status": "requested",
            "intent": "order",
            "code": {
                "coding": [
                    {"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}
                ]
            },
            "focus": {"reference": urls["r"]},
            "for": {"reference": urls["p"]},
            "requester": {"reference": "Organization/hospital"},
            "owner": {"reference": "Organization/centre"},
        }
        header = {
            "resourceType": "MessageHeader",
            "id": "message-1",
            "eventCoding": {"system": COW, "code": "new-order"},
            "source": {"endpoint": "http://hospital.invalid/fhir"},
            "focus": [{"reference": urls["t"]}],
        }
        parts = {"h": header, "p": patient, "r": request, "t": task}
        message = {
            "resourceType": "Bundle",
            "type": "message",
            "entry": [{"fullUrl": urls[k], "resource": one} for k, one in parts.items()],
        }
        for _ in range(2):
            answer = httpx.post(
                f"{self.carecoord}/fhir/$process-message",
                content=json.dumps(message),
                headers=FHIR,
                timeout=30,
            )
            code = answer.json()["entry"][0]["resource"]["response"]["code"]
            refused = answer.json()["entry"][1:] if code != "ok" else []
            self.note("sent", code=code, refused=refused)


class Handler(BaseHTTPRequestHandler):
    """`POST /notify` for FHIR, `POST /hook` for a webhook."""

    hospital: Hospital

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/notify":
            self.hospital.hear(json.loads(body))
        else:
            self.hospital.note(
                "hook",
                key=self.headers["Idempotency-Key"],
                stamp=self.headers["Carecoord-Timestamp"],
                signature=self.headers["Carecoord-Signature"],
                body=body.decode(),
            )
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""


def main() -> None:
    """Serve until killed; the first line on stdout is the address."""
    hospital = Hospital(sys.argv[1], Path(sys.argv[2]))
    Handler.hospital = hospital
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = f"http://127.0.0.1:{server.server_address[1]}"
    print(here, flush=True)
    if hospital.carecoord != "-":
        Thread(target=lambda: (hospital.subscribe(here), hospital.send()), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
