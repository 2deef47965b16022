"""Media through FFmpeg (PyAV): sources, the archive of segments, film; and the pictures that alerts keep."""

__all__ = ["AvFilm", "AvOpener", "DiskArchive", "DiskPictures"]

from vitrail.adapters.av.archive import DiskArchive
from vitrail.adapters.av.film import AvFilm
from vitrail.adapters.av.picture_archive import DiskPictures
from vitrail.adapters.av.source import AvOpener
