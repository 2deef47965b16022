"""Vitrail watches public places and listens to them; it never tells who somebody is."""

__version__ = "0.1.0"
