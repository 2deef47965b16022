"""Media through FFmpeg (PyAV): sources, the archive of segments, film."""

__all__ = ["AvFilm", "AvOpener", "DiskArchive"]

from vitrail.adapters.av.archive import DiskArchive
from vitrail.adapters.av.film import AvFilm
from vitrail.adapters.av.source import AvOpener
