"""How does a program of somebody else talk to this server? Examples that run as they stand."""

from importlib.resources import files

from fastapi import APIRouter, Request, Response

from api.fhir import exchange
from api.pages.shell import PageRoute, page, spoken

router = APIRouter(route_class=PageRoute, include_in_schema=False)

CLIENTS = (("curl", "start.sh", ""), ("Python", "start.py", "pip install fhirpy"),
           ("JavaScript", "start.mjs", "npm install fhir-kit-client"))  # fmt: skip
"""Client, file of its example, and what must be installed first."""


@router.get("/start")
def get_start(request: Request) -> Response:
    """Start the server, then ask it with curl, Python or JavaScript."""
    base, language = exchange.base(request), spoken(request).tag
    port = request.url.port or 8000
    return page(
        request,
        "start.html",
        base=base,
        serve=f"carecoord serve --data ./data --port {port} --no-auth",
        clients=[
            (name, file, before, _example(file, base, language)) for name, file, before in CLIENTS
        ],
    )


def _example(name: str, base: str, language: str) -> str:
    """An example for the server at `base`, answered in `language`."""
    text = files("api.pages").joinpath("examples", f"{name}.txt").read_text(encoding="utf-8")
    return text.replace("BASE", base).replace("LANGUAGE", language).rstrip()
