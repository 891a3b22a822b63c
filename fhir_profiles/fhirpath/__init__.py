"""FHIRPath over raw FHIR JSON: the part of the language that invariants and profiles speak.

`compile_text` turns an expression into a Python function once; `holds` asks whether an invariant
is kept. Values are plain JSON: objects, texts, booleans, whole numbers and decimals.
"""

from fhir_profiles.fhirpath.parse import SyntaxFaultError
from fhir_profiles.fhirpath.run import compile_text, evaluate, holds
from fhir_profiles.fhirpath.scope import Compiled, Scope

__all__ = ["Compiled", "Scope", "SyntaxFaultError", "compile_text", "evaluate", "holds"]
