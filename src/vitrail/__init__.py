"""Vitrail watches public places and listens to them; it never tells who somebody is."""

__all__ = ["__version__"]

import sys
from typing import Any, cast

__version__ = "0.1.0"

# ``import openvino`` reports itself to its maker's statistics service through this package, which its wheel requires.
# Nothing here calls home (law.md L33): whoever imports vitrail cannot import it, and OpenVINO falls back to its stub.
# The lock files leave the package out altogether.
cast("dict[str, Any]", sys.modules)["openvino_telemetry"] = None
