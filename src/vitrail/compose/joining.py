"""What a camera is found, tried and added with."""

__all__ = ["joining", "joining_of"]

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vitrail.adapters.scouting import NetworkScout
from vitrail.adapters.sitefolder import SiteYaml
from vitrail.compose.desks import Desks, desks_of
from vitrail.compose.rooms import Rooms
from vitrail.compose.starting import read_site
from vitrail.guard.glance import Eyes
from vitrail.guard.joining import Joining
from vitrail.ports.drawing_board import SitePaper


def joining_of(rooms: Rooms, paper: SitePaper) -> Joining:
    return Joining(
        rooms.reception,
        rooms.gatekeeper,
        rooms.ledger,
        paper,
        NetworkScout(rooms.clock),
        Eyes(rooms.detector, rooms.heads, rooms.film.still),
        rooms.clock,
        rooms.site.zone,
    )


@contextmanager
def joining(site: Path, state: Path, environ: Mapping[str, str], cache: Path) -> Iterator[tuple[Desks, Joining]]:
    """For the command line: the same guard, over the site folder."""
    with ExitStack() as stack:
        rooms = Rooms(read_site(site, environ), state, cache, stack)
        yield desks_of(rooms), joining_of(rooms, SiteYaml(site, environ, rooms.registry.manifests))
