"""The one place that names a FHIR release: classes of R4B serve to build R4 resources.

R4 and R4B differ in a few types only; which types and elements are accepted is judged by
`fhir_profiles.check`, from the definitions of R4.
"""

from typing import Any

from fhir_profiles.structure import resource_types


def builder(name: str) -> Any:
    """The class that builds a resource of an R4 type.

    Raises
    ------
    KeyError
        R4 has no such type, or its class differs so much that there is none.
    """
    if name not in resource_types():
        raise KeyError(name)
    # The classes take a tenth of a second to import, and a server does not need them.
    from fhir.resources.R4B import get_fhir_model_class

    return get_fhir_model_class(name)
