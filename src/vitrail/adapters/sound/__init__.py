"""Microphones and sound files through FFmpeg: heard, never written. Knows nothing of cameras (law.md L18)."""

__all__ = ["AvEars", "AvSoundSource"]

from vitrail.adapters.sound.source import AvEars, AvSoundSource
