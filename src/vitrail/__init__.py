"""Vitrail watches places and listens to them; it never tells who somebody is."""
