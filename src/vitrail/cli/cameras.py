"""``reviewed``: a person answers for the masks of a camera that moved."""

__all__ = ["reviewed"]

import os
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.places import ACCOUNT, PASSWORD, REASON, SITE, STATE, state_folder
from vitrail.cli.screen import out


def reviewed(
    camera: Annotated[str, typer.Argument(help="The camera that moved.")],
    by: ACCOUNT,
    password: PASSWORD,
    reason: REASON,
    site: SITE = Path(),
    state: STATE = None,
) -> None:
    """Say that you looked at the picture of a camera that moved, and answer for its dwelling masks as they are now.

    Until then the camera is neither looked at nor recorded. You must be a technician, the data-protection officer or an
    administrator. Mend the masks in site.yaml first, and start the service again for them to count.
    """
    with compose.reading(site, state_folder(site, state), dict(os.environ)) as desks:
        account = desks.sign_in(by, password, reason)
        desks.poses.review(account, camera, reason)
        out.print(f"camera {camera} may be looked at again")
