"""The index over forms of sightings, through faiss."""

__all__ = ["FaissIndex"]

from vitrail.adapters.faiss.index import FaissIndex
