"""What does a resource become by a patch?

JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), both on the JSON as it is stored.
"""

import copy
from typing import Any

from carecoord.errors import Conflict, Invalid
from carecoord.fhir import wire
from carecoord.fhir.wire import Json

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"


def apply(resource: Json, patch: bytes, media: str) -> Json:
    """The resource after a patch; what comes out is read as strictly as what is sent.

    Raises
    ------
    Invalid
        `patch.form`, `patch.path`, or the fault of the patched text (`json.*`).
    Conflict
        `patch.test`: a test of the patch failed.
    """
    sent = wire.loose(patch)
    if media == JSON_PATCH:
        if not isinstance(sent, list) or not all(isinstance(step, dict) for step in sent):
            raise Invalid("patch.form")
        changed: Any = copy.deepcopy(resource)
        for at, step in enumerate(sent):
            changed = _step(changed, step, f"/{at}")
    else:
        if not isinstance(sent, dict):
            raise Invalid("patch.form")
        changed = merged(resource, sent)
    if not isinstance(changed, dict):
        raise Invalid("patch.form")
    return wire.loads(wire.dumps(changed))


def merged(target: Any, patch: Any) -> Any:
    """A value after a merge patch: null takes away, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value)
    return made


def _step(document: Any, step: Json, place: str) -> Any:
    operation, path = step.get("op"), step.get("path")
    if operation not in _OPERATIONS or not isinstance(path, str):
        raise Invalid("patch.form", field=place)
    if operation in ("add", "replace", "test") and "value" not in step:
        raise Invalid("patch.form", field=place)
    if operation in ("move", "copy") and not isinstance(step.get("from"), str):
        raise Invalid("patch.form", field=place)
    return _OPERATIONS[operation](document, step)


def _add(document: Any, step: Json) -> Any:
    return _put(document, step["path"], copy.deepcopy(step["value"]), replace=False)


def _replace(document: Any, step: Json) -> Any:
    return _put(document, step["path"], copy.deepcopy(step["value"]), replace=True)


def _remove(document: Any, step: Json) -> Any:
    parent, key = _find(document, step["path"])
    del parent[key]
    return document


def _move(document: Any, step: Json) -> Any:
    if step["path"].startswith(step["from"] + "/"):
        raise Invalid("patch.path", field=step["path"])
    parent, key = _find(document, step["from"])
    value = parent[key]
    del parent[key]
    return _put(document, step["path"], value, replace=False)


def _copy(document: Any, step: Json) -> Any:
    parent, key = _find(document, step["from"])
    return _put(document, step["path"], copy.deepcopy(parent[key]), replace=False)


def _test(document: Any, step: Json) -> Any:
    parent, key = _find(document, step["path"])
    if parent[key] != step["value"] or isinstance(parent[key], bool) != isinstance(
        step["value"], bool
    ):
        raise Conflict("patch.test", field=step["path"])
    return document


_OPERATIONS = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}


def _steps(path: str) -> list[str]:
    if not path.startswith("/"):
        raise Invalid("patch.path", field=path)
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def _find(document: Any, path: str) -> tuple[Any, Any]:
    """The container and key of a value that is there."""
    node = document
    *above, last = _steps(path)
    for step in above:
        node = node[_key(node, step, path)]
    return node, _key(node, last, path)


def _key(node: Any, step: str, path: str) -> Any:
    if isinstance(node, dict) and step in node:
        return step
    if isinstance(node, list) and step.isascii() and step.isdigit() and int(step) < len(node):
        return int(step)
    raise Invalid("patch.path", field=path)


def _put(document: Any, path: str, value: Any, *, replace: bool) -> Any:
    if replace:
        parent, key = _find(document, path)
        parent[key] = value
        return document
    *above, last = _steps(path)
    node = document
    for step in above:
        node = node[_key(node, step, path)]
    if isinstance(node, dict):
        node[last] = value
    elif isinstance(node, list) and last == "-":
        node.append(value)
    elif isinstance(node, list) and last.isascii() and last.isdigit() and int(last) <= len(node):
        node.insert(int(last), value)
    else:
        raise Invalid("patch.path", field=path)
    return document
