"""A server of its own process, asked over a real socket."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = """
import sys, uvicorn
from pathlib import Path
from api.app import create
from carecoord.settings import Settings
from carecoord.store.engine import Database, sqlite_url
data = Path(sys.argv[2])
app = create(Database.open(sqlite_url(data)), Settings.from_environment(data), work=False)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""


@pytest.fixture(scope="session")
def fhir_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the FHIR service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path_factory.mktemp("served")
    root = Path(__file__).parents[2]
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(data)], cwd=root)
    url = f"http://127.0.0.1:{port}/fhir"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/metadata").read()
            break
        except OSError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait()
