"""``python -m vitrail`` is the command ``vitrail``."""

from vitrail.cli import main

__all__: list[str] = []

main()
