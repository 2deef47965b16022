"""Wrong references in ``site.yaml``, and wrong addresses, one row for each kind."""

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named

REFERENCES = [
    Row("two cameras of one id", "id: square", "id: quay", "cameras[1].id", "`quay` is declared twice"),
    Row("two streams of one id", "id: sub", "id: main", "streams[1].id", "stream `main` is declared twice"),
    Row(
        "one role twice",
        "roles: [record]",
        "roles: [record, detect]",
        "streams[1].roles",
        "has the role",
        "one stream",
        at="roles: [detect]",
    ),
    Row(
        "two zones of one id",
        "    lines:\n",
        "      - {id: basin, name: B, corners: [[0, 0], [1, 0], [1, 1]]}\n    lines:\n",
        "zones[1].id",
        "zone `basin` is declared twice (first on line 25)",
        at="{id: basin, name: B",
    ),
    Row(
        "unknown zone",
        "zones: [basin]",
        "zones: [bassin]",
        "analytics[0].zones[0]",
        "unknown zone `bassin`",
        "did you mean `basin`?",
    ),
    Row("zone named twice", "zones: [basin]", "zones: [basin, basin]", "zones[1]", "named twice"),
    Row("all zones", "zones: [basin]", "zones: [all]", "zones[0]", "wildcard: each one is named (L04)"),
    Row("all zones at once", "zones: [basin]", "zones: all", "zones", "wildcard: each one is named (L04)"),
    Row("unknown line", "lines: [gate]", "lines: [door]", "lines[0]", "unknown line `door`", "known: gate"),
    Row(
        "zone left out",
        "        zones: [basin]\n        hours",
        "        hours",
        "analytics[0]",
        "`presence` needs at least one zone",
        at="analytic: presence",
    ),
    Row(
        "line left out",
        "        lines: [gate]\n",
        "",
        "analytics[2]",
        "`line` needs at least one line",
        "draw a line",
        at="analytic: line",
    ),
    Row(
        "ground left out",
        "analytic: presence",
        "analytic: metres",
        "analytics[0]",
        "`metres` needs a calibrated ground",
        "give the camera a `ground`",
    ),
    Row(
        "surface left out",
        "analytic: dwell",
        "analytic: marks",
        "analytics[1]",
        "`marks` needs at least one surface",
        "draw a surface and name it in `surfaces`",
    ),
    Row(
        "asset left out",
        "analytic: dwell",
        "analytic: pieces",
        "analytics[1]",
        "`pieces` needs at least one asset",
        "draw an asset and name it in `assets`",
    ),
    Row(
        "unknown surface",
        "zones: [basin]",
        "surfaces: [wal]",
        "analytics[0].surfaces[0]",
        "unknown surface `wal`",
        "did you mean `wall`?",
    ),
    Row("unknown asset", "zones: [basin]", "assets: [bin]", "analytics[0].assets[0]", "unknown asset `bin`", "bench-1"),
    Row(
        "asset outside the picture",
        "[0.2, 0.6], [0.2, 0.7]]",
        "[0.2, 0.6], [0.2, 1.7]]",
        "assets[0].corners[2][1]",
        "1.7 lies outside the picture",
    ),
    Row(
        "asset too small",
        "[[0.1, 0.6], [0.2, 0.6], [0.2, 0.7]]",
        "[[0.1, 0.6], [0.2, 0.6], [0.2, 0.61]]",
        "assets[0].corners",
        "`bench-1` is too small: 1.0% of the picture",
        "at least 2%",
    ),
    Row(
        "surface under a dwelling mask",
        "[[0.0, 0.0], [0.5, 0.0], [0.5, 0.3]]",
        "[[0.82, 0.11], [0.88, 0.11], [0.88, 0.18]]",
        "surfaces[0].corners",
        "`wall` lies under a dwelling mask",
        "where the camera may look",
    ),
    Row(
        "unknown analytic",
        "analytic: presence",
        "analytic: presense",
        "analytics[0].analytic",
        "unknown analytic `presense`",
        "`presence`?",
    ),
    Row(
        "forbidden analytic",
        "analytic: presence",
        "analytic: face_recognition",
        "analytic",
        "unknown analytic",
        "known: dwell, line, marks, metres, pieces, presence",
    ),
    Row("unknown parameter", "{seconds: 30}", "{second: 30}", "parameters.second", "unknown parameter", "`seconds`?"),
    Row(
        "parameter where there is none",
        "        lines: [gate]",
        "        lines: [gate]\n        parameters: {x: 1}",
        "parameters.x",
        "unknown parameter `x`",
        "`line` has none",
        at="parameters: {x: 1}",
    ),
    Row(
        "parameter too large",
        "{seconds: 30}",
        "{seconds: 7200}",
        "parameters.seconds",
        "7200 is out of range",
        "1 to 3600 s (how long)",
    ),
    Row("parameter as text", "{seconds: 30}", '{seconds: "30"}', "parameters.seconds", "must be a number"),
    Row("unknown purpose", "purpose: edge", "purpose: egde", "analytics[0].purpose", "unknown purpose", "`edge`?"),
    Row("hours of no length", 'to: "06:00"', 'to: "22:00"', "analytics[0].hours", "the same minute"),
    Row("unknown time zone", "Europe/Paris", "Europe/Pariss", "zone", "unknown time zone", "`Europe/Paris`?"),
    Row(
        "unknown profile",
        "profile: lab",
        "profile: laboratory",
        "profile",
        "unknown legal profile",
        "known: eu, fr, lab",
    ),
]

ADDRESSES = [
    Row(
        "secret not set",
        "${CAM_PASSWORD}",
        "${CAM_SECRET}",
        "streams[0].address",
        "CAM_SECRET",
        "export CAM_SECRET=...",
    ),
    Row("secret without name", "${CAM_PASSWORD}", "${}", "address", "names no environment variable"),
    Row("secret not closed", "${CAM_PASSWORD}@", "${CAM_PASSWORD@", "address", "", "${NAME}"),
    Row("password written out", "${CAM_PASSWORD}", "hunter2", "address", "a password is written out", "${NAME}"),
    Row("password half written", "${CAM_PASSWORD}", "x${CAM_PASSWORD}", "address", "a password is written out"),
    Row(
        "other scheme",
        "rtsp://${CAM_USER}:${CAM_PASSWORD}@cam",
        "http://cam",
        "address",
        "`http` is not read",
        "rtsp://",
    ),
    Row(
        "no host",
        "rtsp://${CAM_USER}:${CAM_PASSWORD}@cam.example:8554/main",
        "rtsp:///main",
        "address",
        "names no host",
    ),
    Row("no port number", ":8554/main", ":port/main", "address", "is no address"),
]


@named(REFERENCES)
def test_names_that_mean_nothing_or_two_things_are_told(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)


@named(ADDRESSES)
def test_addresses_that_cannot_be_used_are_told(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)
