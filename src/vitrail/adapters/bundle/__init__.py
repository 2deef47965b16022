"""A bundle's form: report, container, signature, time stamp, content credentials, and the verifier that needs none of
this."""

__all__ = ["BundlePress", "DiskShelf", "bundle_verifier"]

from vitrail.adapters.bundle.press import BundlePress, bundle_verifier
from vitrail.adapters.bundle.shelf import DiskShelf
