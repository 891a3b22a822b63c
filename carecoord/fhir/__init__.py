"""FHIR documents: how they are read, kept, found and exchanged."""
