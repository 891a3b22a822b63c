"""A server of its own process, asked over a real socket."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fhir_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the FHIR service."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path_factory.mktemp("served")
    # As the quick-start page says it.
    command = ["serve", "--data", str(data), "--port", str(port), "--no-auth"]
    root = Path(__file__).parents[2]
    server = subprocess.Popen([sys.executable, "-m", "carecoord", *command], cwd=root)
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


@pytest.fixture(scope="session")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the JavaScript clients installed; on CI there must be Node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must run the JavaScript clients, and found no Node")
        pytest.skip("no Node")
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copy(Path(__file__).with_name("package.json"), folder)
    install = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder
