"""The command ``vitrail``."""

__all__ = ["main"]

from vitrail.cli.app import main
