"""Persons with planted duplicates, omissions and mismatches, and near-misses that are none."""

from carecoord.demo.planted.street import Planted, Score, plant, score, store

__all__ = ["Planted", "Score", "plant", "score", "store"]
