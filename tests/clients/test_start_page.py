"""What the quick-start page prints runs as printed, against the server that printed it."""

import html
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


def printed(fhir_url: str, name: str, lang: str = "en") -> str:
    """The text of one example on the page that the running server serves."""
    page = f"{fhir_url.removesuffix('/fhir')}/start?lang={lang}"
    text = urllib.request.urlopen(page).read().decode()
    found = re.search(rf'<pre[^>]* id="{re.escape(name)}-text">(.*?)</pre>', text, re.DOTALL)
    assert found, text
    return html.unescape(found[1])


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("lang", "said"), [("en", "1940-02-30"), ("zh-CN", "不是有效的")])
def test_the_curl_commands_run_as_printed(
    fhir_url: str, tmp_path: Path, lang: str, said: str
) -> None:
    shell, curl = shutil.which("sh"), shutil.which("curl")
    if shell is None or curl is None:
        pytest.skip("no curl")
    told = run(shell, "-c", printed(fhir_url, "start.sh", lang), cwd=tmp_path)
    decoder, answers = json.JSONDecoder(), []
    while told := told.strip():
        answer, end = decoder.raw_decode(told)
        answers.append(answer)
        told = told[end:]

    made, found, judged = answers
    assert made["name"] == [{"text": "王秀英"}]
    assert made["id"] in [e["resource"]["id"] for e in found["entry"]]
    assert judged["issue"][0]["expression"] == ["Patient.birthDate"]
    assert said in judged["issue"][0]["details"]["text"]


def test_the_python_client_runs_as_printed(fhir_url: str, tmp_path: Path) -> None:
    (tmp_path / "start.py").write_text(printed(fhir_url, "start.py"), encoding="utf-8")
    first, count = run(sys.executable, "start.py", cwd=tmp_path).split()

    assert first.startswith("Task/")
    assert int(count) >= 1


def test_the_javascript_client_runs_as_printed(
    fhir_url: str, tmp_path: Path, javascript: Path
) -> None:
    node = shutil.which("node")
    assert node is not None
    (javascript / "start.mjs").write_text(printed(fhir_url, "start.mjs"), encoding="utf-8")
    told = run(node, "start.mjs", cwd=javascript).split()

    assert told[1] == "1"
    assert int(told[2]) >= 1


def test_the_page_names_the_command_that_started_this_server(fhir_url: str) -> None:
    port = fhir_url.split(":")[2].partition("/")[0]

    told = printed(fhir_url, "serve")
    assert told == f"carecoord serve --data ./data --port {port} --no-auth"
