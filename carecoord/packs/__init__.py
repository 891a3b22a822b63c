"""Dated policy packs: every number from a regulation, with its rule id."""
