"""One table: which kind of error ends a command with which exit code. 0 is success, 1 a finding (``check``,
``ledger verify`` found something wrong), 2 wrong usage."""

__all__ = ["EXIT_CODES", "FOUND", "exit_code"]

from vitrail.domain.errors import Conflict, Corrupt, Invalid, NotFound, Refused, Unavailable, VitrailError

FOUND = 1
EXIT_CODES: dict[type[VitrailError], int] = {
    Refused: 3,
    NotFound: 4,
    Invalid: 5,
    Conflict: 6,
    Unavailable: 7,
    Corrupt: 8,
}


def exit_code(error: VitrailError) -> int:
    return EXIT_CODES[type(error)]
