"""Does a resource obey FHIR R4 and the profiles it claims?"""

from collections.abc import Sequence
from contextlib import suppress

from fhir_profiles.conform import check_profile
from fhir_profiles.definitions import Definitions, standard
from fhir_profiles.findings import Finding, Severity
from fhir_profiles.walk import EnoughError, Rules, Walk
from fhir_profiles.wire import Json

__all__ = ["RECEIVER", "VALIDATOR", "Finding", "Rules", "Severity", "findings"]

RECEIVER = Rules()
"""As one must receive what others send: extensions one does not know are no fault."""

VALIDATOR = Rules(extensions="known", vital_signs=True)
"""As the HL7 validator judges: only known extensions, vital signs in their profiles."""


def findings(
    resource: Json,
    *,
    profiles: Sequence[str] = (),
    definitions: Definitions | None = None,
    rules: Rules = RECEIVER,
) -> list[Finding]:
    """Everything that is wrong with a resource; it may be stored if nothing is an error.

    Parameters
    ----------
    profiles
        Canonical URLs that the resource must keep besides those in its `meta.profile`.
    definitions
        Where profiles and value sets are looked up; those of the package unless given.
    rules
        How strict to be where FHIR leaves it open.
    """
    walk = Walk(resource, definitions or standard(), rules)
    with suppress(EnoughError):
        walk.resource(resource, None)
        for url in profiles:
            _require(walk, resource, url)
    return walk.found


def _require(walk: Walk, resource: Json, url: str) -> None:
    profile = walk.definitions.profile(url)
    kind = str(resource.get("resourceType", ""))
    if profile is None:
        walk.add("fhir.profile_unknown", None, profile=url)
    elif profile.type != kind:
        walk.add("fhir.profile_for", None, profile=url, type=profile.type)
    else:
        check_profile(walk, resource, profile, None, kind)
