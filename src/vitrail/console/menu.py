"""The menu: what a role may open, in the order of its work. What happens now; looking back; the house; accounting."""

__all__ = ["Group", "home_of", "menu_of"]

from collections.abc import Callable
from dataclasses import dataclass

from vitrail.console.language import N_
from vitrail.domain.people import Role, Use
from vitrail.domain.suspensions import ORDER_ROLES


@dataclass(frozen=True, slots=True)
class Group:
    """``pages`` are addresses with the names that the menu shows."""

    name: str
    pages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Page:
    address: str
    name: str
    open_to: Callable[[Role, Callable[[Use], bool]], bool]


def _everybody(_: Role, __: Callable[[Use], bool]) -> bool:
    return True


def _looks(_: Role, may: Callable[[Use], bool]) -> bool:
    return may(Use.REVIEW)


def _keeps(_: Role, may: Callable[[Use], bool]) -> bool:
    return may(Use.UPKEEP)


def _accounts(_: Role, may: Callable[[Use], bool]) -> bool:
    return may(Use.ACCOUNT)


_GROUPS: tuple[tuple[str, tuple[_Page, ...]], ...] = (
    (
        N_("Now"),
        (
            _Page("/", N_("Watch"), _looks),
            _Page("/map", N_("Map"), lambda role, may: may(Use.REVIEW) or may(Use.UPKEEP)),
            _Page("/alerts", N_("Alerts"), _looks),
            _Page("/handover", N_("Shift"), _looks),
        ),
    ),
    (
        N_("The past"),
        (
            _Page("/recording", N_("Recording"), _looks),
            _Page("/changed", N_("What changed here?"), _looks),
            _Page(
                "/cases",
                N_("Cases"),
                lambda role, may: (
                    (may(Use.REVIEW) and role is not Role.OPERATOR) or role in (Role.OFFICER, Role.AUDITOR)
                ),
            ),
        ),
    ),
    (
        N_("The house"),
        (
            _Page("/upkeep", N_("Upkeep"), _keeps),
            _Page("/setup", N_("Set-up"), lambda role, may: may(Use.REVIEW) or may(Use.ADMINISTER)),
            _Page("/streams", N_("Streams"), _everybody),
        ),
    ),
    (
        N_("Accounting for it"),
        (
            _Page("/rights", N_("Rights desk"), _accounts),
            _Page("/figures", N_("Figures"), _accounts),
            _Page("/followup", N_("Follow-up"), _accounts),
            _Page("/ledger", N_("Ledger"), _accounts),
            _Page("/stop", N_("Stop"), lambda role, may: role.value in ORDER_ROLES),
        ),
    ),
)


def menu_of(role: Role, may: Callable[[Use], bool]) -> tuple[Group, ...]:
    """Groups without a page for this role are left out."""
    groups = (
        Group(name, tuple((page.address, page.name) for page in pages if page.open_to(role, may)))
        for name, pages in _GROUPS
    )
    return tuple(group for group in groups if group.pages)


def home_of(role: Role, may: Callable[[Use], bool]) -> str:
    """Where the work of a role begins."""
    if may(Use.REVIEW):
        return "/"
    if may(Use.UPKEEP):
        return "/upkeep"
    if may(Use.ACCOUNT):
        return "/ledger"
    return "/setup" if may(Use.ADMINISTER) else "/streams"
