"""What does a reference lead to, as far as its text tells?"""

import re

from fhir_profiles.structure import resource_types
from fhir_profiles.wire import Json


def target_type(reference: Json, root: Json) -> str:
    """Type of resource that a Reference leads to, as far as its text tells; else empty."""
    text = reference.get("reference")
    if type(text) is str:
        if text.startswith("#"):
            for part in root.get("contained", ()):
                if type(part) is dict and part.get("id") == text[1:]:
                    return str(part.get("resourceType", ""))
            return ""
        if (found := ADDRESS.search(text)) and found[1] in resource_types():
            return found[1]
    stated = reference.get("type")
    return stated if type(stated) is str and stated in resource_types() else ""


ADDRESS = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?$", re.ASCII
)
"""An address that ends in a type and an id, with or without a version."""
