"""Integrated medical and elderly care coordination for one street."""
