"""Who takes requests in: read whole, with the key from the environment, at addresses that are what they seem."""

from tests.adapters.sitefolder.conftest import ENVIRON, Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named
from vitrail.domain.recipients import Channel

REPAIRS = """\
repairs:
  - id: city
    name: City works
    open311: https://311.city.example/v2
    key: ${CITY_KEY}
    jurisdiction: city.example
    services: {graffiti: "207", damage: "311"}
    pictures: true
    closing: repairs
  - id: depot
    name: Works depot
    webhook: http://depot.lan:8080/hook
    key: ${CITY_KEY}
    services: {damage: bench}
    inside: true
cameras:
"""


def with_repairs(folder: Folder) -> Folder:
    folder.spoil("site.yaml", "cameras:\n", REPAIRS)
    return folder


def test_those_who_repair_are_read_whole(folder: Folder) -> None:
    city, depot = with_repairs(folder).read(ENVIRON | {"CITY_KEY": "hunter2"}).site.recipients
    assert (city.id, city.name, city.channel, city.address) == (
        "city",
        "City works",
        Channel.OPEN311,
        "https://311.city.example/v2",
    )
    assert (city.key, city.jurisdiction, city.pictures, city.closing_repairs) == ("hunter2", "city.example", True, True)
    assert city.services == {"graffiti": "207", "damage": "311"}
    assert (depot.channel, depot.inside, depot.closing_repairs) == (Channel.WEBHOOK, True, False)
    assert "hunter2" not in repr(city)


@named(
    [
        Row("both", "    webhook: http", "    open311: https://x.example\n    webhook: http", "repairs[1]",
            "needs exactly one of `open311` and `webhook`", "", "id: depot"),
        Row("neither", "    open311: https://311.city.example/v2\n", "", "repairs[0]",
            "needs exactly one of `open311` and `webhook`", "", "id: city"),
        Row("a bare key", "key: ${CITY_KEY}\n    jur", "key: hunter2\n    jur", "repairs[0].key",
            "a secret is written out"),
        Row("no key", "key: ${CITY_KEY}\n    jur", "key: ${NO_KEY}\n    jur", "repairs[0].key",
            "not set in the environment: NO_KEY", "export NO_KEY=..."),
        Row("not encrypted", "https://311", "http://311", "repairs[0].open311", "is not encrypted", "inside: true"),
        Row("with a password", "https://311", "https://me:pw@311", "repairs[0].open311", "holds a user or a password"),
        Row("no server", "https://311.city.example/v2", "ftp://x", "repairs[0].open311", "is no address of a server"),
        Row("twice", "id: depot", "id: city", "repairs[1].id", "recipient `city` is declared twice"),
        Row("another kind", "{damage: bench}", "{presence: bench}", "repairs[1].services.presence",
            "must be 'graffiti'"),
        Row("nothing taken in", "{damage: bench}", "{}", "repairs[1].services", "at least 1 item"),
    ]
)  # fmt: skip
def test_what_cannot_be_is_told(folder: Folder, row: Row) -> None:
    with_repairs(folder)
    must_be_told(folder, row)
