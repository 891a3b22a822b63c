"""The JavaScript clients of `clients.mjs`, run with Node where it is installed."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def test_fhir_kit_client_and_medplum_work(fhir_url: str, javascript: Path) -> None:
    node = shutil.which("node")
    assert node is not None
    shutil.copy(HERE / "clients.mjs", javascript)
    run = [node, "clients.mjs", fhir_url]
    done = subprocess.run(
        run, cwd=javascript, check=False, capture_output=True, text=True, timeout=120
    )

    assert done.stdout.strip() == "ok", done.stderr
