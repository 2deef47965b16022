"""Packages of public registries, through their ordinary clients."""

__all__ = ["PackageClients"]

from vitrail.adapters.registry.clients import PackageClients
