import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from carecoord.errors import Invalid
from carecoord.fhir.files import bundles
from tests.build import bundle, patient

Json = dict[str, Any]
ONE, TWO = {"resourceType": "Patient", "id": "1"}, {"resourceType": "Patient", "id": "2"}


def ndjson(*resources: Json) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


def ids(found: list[tuple[str, Json]]) -> list[list[str]]:
    return [[e["resource"]["id"] for e in one["entry"]] for _, one in found]


def refused(file: Path) -> Invalid:
    with pytest.raises(Invalid) as caught:
        list(bundles(file))
    return caught.value


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_a_bundle_is_taken_as_it_is(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "b.json"
    sent = bundle(patient("e1"), type=kind)
    file.write_text(json.dumps(sent, indent=2))

    ((name, found),) = bundles(file)

    assert name == "b.json"
    assert json.loads(json.dumps(found, default=float)) == sent


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_resource_is_a_collection_of_one(tmp_path: Path, indent: int | None) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps(ONE, indent=indent))

    assert ids(list(bundles(file))) == [["1"]]


@pytest.mark.parametrize("name", ["Patient.ndjson", "p.jsonl", "export"])
def test_every_line_of_ndjson_is_a_resource(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(ndjson(ONE, TWO))

    assert ids(list(bundles(file))) == [["1", "2"]]


@pytest.mark.parametrize("compress", [(gzip.compress, ".gz"), (bz2.compress, ".bz2")])
@pytest.mark.parametrize("name", ["p.ndjson", "p.json"])
def test_packed_files_read_like_plain_ones(tmp_path: Path, compress: Any, name: str) -> None:
    pack, suffix = compress
    file = tmp_path / (name + suffix)
    file.write_bytes(pack(ndjson(ONE)))

    assert ids(list(bundles(file))) == [["1"]]


def test_empty_lines_are_passed_over_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    file = tmp_path / "p.ndjson"
    file.write_bytes(b"\n" + ndjson(ONE) + b"\n\n" + json.dumps(TWO).encode())

    assert ids(list(bundles(file))) == [["1", "2"]]


def test_a_long_file_comes_in_parts_in_order(tmp_path: Path) -> None:
    file = tmp_path / "p.ndjson"
    file.write_bytes(ndjson(*({"resourceType": "Patient", "id": str(k)} for k in range(2500))))

    found = list(bundles(file))

    assert [name for name, _ in found] == ["p.ndjson:1-1000", "p.ndjson:1001-2000",
                                           "p.ndjson:2001-2500"]  # fmt: skip
    assert [name for part in ids(found) for name in part] == [str(k) for k in range(2500)]


def test_a_bundle_on_a_line_stands_alone_between_resources(tmp_path: Path) -> None:
    file = tmp_path / "p.ndjson"
    file.write_bytes(ndjson(ONE, bundle(TWO, type="transaction")))

    found = list(bundles(file))

    assert {name: one["type"] for name, one in found} == {
        "p.ndjson:2": "transaction",
        "p.ndjson:1-2": "collection",
    }


def test_a_missing_file_is_named_with_the_reason(tmp_path: Path) -> None:
    error = refused(tmp_path / "gone.json")

    assert (error.code, error.facts["file"]) == ("file.unreadable", "gone.json")
    assert "No such file" in str(error.facts["reason"])


@pytest.mark.parametrize("suffix", [".gz", ".bz2"])
def test_a_file_that_is_not_packed_as_its_name_says_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"p.ndjson{suffix}"
    file.write_bytes(b"not packed at all")

    assert refused(file).code == "file.unreadable"


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, ".gz"), (bz2.compress, ".bz2")])
def test_a_packed_file_with_damaged_bytes_is_refused(
    tmp_path: Path, pack: Any, suffix: str
) -> None:
    file = tmp_path / f"p.ndjson{suffix}"
    lines = (json.dumps({"resourceType": "Patient", "id": str(k * k)}) for k in range(3000))
    whole = bytearray(pack("\n".join(lines).encode()))
    whole[10:14] = b"\xff" * 4
    file.write_bytes(whole)

    assert refused(file).code == "file.unreadable"


@pytest.mark.parametrize(("pack", "suffix"), [(gzip.compress, ".gz"), (bz2.compress, ".bz2")])
def test_a_packed_file_that_breaks_off_is_refused(tmp_path: Path, pack: Any, suffix: str) -> None:
    file = tmp_path / f"p.ndjson{suffix}"
    whole = pack(ndjson(*[ONE] * 2000))
    file.write_bytes(whole[: len(whole) // 2])

    assert refused(file).code == "file.unreadable"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "file.unreadable"


def test_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "p.ndjson"
    file.write_bytes(ndjson(ONE) + b'{"resourceType": "Patient", \n')

    error = refused(file)

    assert error.code == "json.syntax"
    assert error.field.startswith("p.ndjson:2")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "json.syntax"), (b"[]", "json.object"), (b'{"a": }', "json.syntax"),
     (b"\xff\xfe", "json.text")],
)  # fmt: skip
def test_a_file_that_is_no_json_object_is_refused(
    tmp_path: Path, content: bytes, code: str
) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(content)

    assert refused(file).code == code
