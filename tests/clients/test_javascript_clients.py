"""The JavaScript clients of `clients.mjs`, run with Node where it is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_fhir_kit_client_and_medplum_work(fhir_url: str, tmp_path: Path) -> None:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must run the JavaScript clients, and found no Node")
        pytest.skip("no Node")
    for name in ("package.json", "clients.mjs"):
        shutil.copy(HERE / name, tmp_path)
    install = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    run = [node, "clients.mjs", fhir_url]
    done = subprocess.run(
        run, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=120
    )

    assert done.stdout.strip() == "ok", done.stderr
