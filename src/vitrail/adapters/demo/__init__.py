"""The demonstration's recording: fetched through apt, and made into what a camera would send."""

__all__ = ["as_camera", "fetch_recording"]

from vitrail.adapters.demo.camera import as_camera
from vitrail.adapters.demo.fetch import fetch_recording
