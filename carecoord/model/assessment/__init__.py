"""Assess once, two results: answers to scores, bands and a level of each scale."""
