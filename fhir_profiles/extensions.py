"""Is an extension well-formed, and does it keep to its definition?"""

import re
from typing import TYPE_CHECKING

from fhir_profiles.conform import check_profile
from fhir_profiles.findings import Place, Severity
from fhir_profiles.primitives import shown
from fhir_profiles.wire import Json

# Reserved for documentation (RFC 2606): what stands there changes nobody's meaning.
_EXAMPLE = re.compile(r"https?://(?:[\w-]+\.)*example\.(?:org|com|net)/")

if TYPE_CHECKING:
    from fhir_profiles.walk import Walk


def check_extension(walk: "Walk", node: Json, place: Place) -> None:
    """Judge one extension: a value or extensions of its own, an absolute url, its definition."""
    has_value = any(key.startswith(("value", "_value")) for key in node)
    if has_value == ("extension" in node):
        walk.add("fhir.extension_content", place, url=shown(node.get("url", "")))
    url = node.get("url")
    if type(url) is not str:
        return
    nested = _is_nested(place)
    if not nested and ":" not in url:
        walk.add("fhir.extension_url", (place, "url"), url=shown(url))
        return
    known = walk.definitions.profile(url)
    if known is not None and known.type == "Extension":
        check_profile(walk, node, known, place, "Extension")
    elif not nested or ":" in url:
        _unknown(walk, url, place)


def _unknown(walk: "Walk", url: str, place: Place) -> None:
    changes_meaning = place is not None and place[1] == "modifierExtension"
    severity: Severity = "error" if walk.rules.extensions == "known" else "warning"
    if changes_meaning and not _EXAMPLE.match(url):
        severity = "error"
    code = "fhir.modifier_unknown" if changes_meaning else "fhir.extension_unknown"
    walk.add(code, place, severity, url=shown(url))


def _is_nested(place: Place) -> bool:
    """Whether the extension stands inside another, where a short name is enough."""
    above = place[0] if place is not None else None
    return above is not None and above[1] in ("extension", "modifierExtension")
