"""Writes the public register as a static site: pages in two languages, machine-readable files, signs to print."""

__all__ = ["publish"]

from vitrail.adapters.publishing.writing import publish
