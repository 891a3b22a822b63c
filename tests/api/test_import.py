"""The web process starts without what only planning needs."""

import subprocess
import sys

HEAVY = ("scipy", "numba", "ortools", "openpyxl", "fhir.resources")


def test_importing_the_application_loads_no_solver_and_no_numerics_beyond_numpy() -> None:
    told = "import sys, api.app; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert "carecoord.flows.record" in loaded
    assert [name for name in HEAVY if name in loaded] == []
