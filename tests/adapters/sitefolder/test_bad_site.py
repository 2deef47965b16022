"""Wrong ``site.yaml``, one row for each kind: syntax, shapes and what is drawn."""

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named

SYNTAX = [
    Row("not YAML", "id: harbour", "id: [harbour", "", "is not YAML", "indentation", at="name: Harbour"),
    Row("tab", "name: Harbour\n", "name:\n\t- Harbour\n", "", "tab", "spaces", at="\t- Harbour"),
    Row("control character", "Harbour", "Har\x07bour", "", "U+0007", "remove"),
    Row(
        "duplicate key",
        "name: Harbour\n",
        "name: Harbour\nname: Port\n",
        "name",
        "again (first on line 2)",
        at="name: Port",
    ),
    Row(
        "duplicate deep", "    name: Quay\n", "    name: Quay\n    name: Q\n", "cameras[0].name", "again", at="name: Q"
    ),
    Row("anchor", "name: Harbour", "name: &x Harbour", "", "anchors are not read (&x)", "write the value out"),
    Row("tag", "name: Harbour", "name: !!python/name:os.system x", "", "tags are not read"),
    Row("custom tag", "name: Harbour", "name: !secret x", "", "tags are not read (!secret)"),
    Row("second document", "cameras:", "---\ncameras:", "", "second document"),
    Row("list as key", "name: Harbour", "name: Harbour\n? [a, b]\n: c", "", "a key must be a word", at="? [a, b]"),
    Row("merge key", "name: Harbour", "name: Harbour\n<<: {x: 1}", "<<", "unknown key `<<`", at="<<: {x: 1}"),
]

SHAPES = [
    Row("unknown key", "zone: Europe", "zones: x\nzone: Europe", "zones", "unknown key `zones`", "`zone`?"),
    Row("unknown camera key", "    position:", "    positon:", "cameras[0].positon", "unknown", "`position`?"),
    Row("unknown stream key", "        loop: true", "        looped: true", ".looped", "unknown", "`loop`?"),
    Row("unknown hours key", "days: [fri", "day: [fri", "hours.day", "unknown key `day`", "`days`?"),
    Row("missing key", "name: Harbour\n", "", "", "`name` is missing", "What screens call it", at="id: harbour"),
    Row("missing camera key", "    name: Quay\n", "", "cameras[0]", "`name` is missing", at="- id: quay"),
    Row(
        "missing corner key",
        "        from: [0.2, 0.7]\n",
        "",
        "lines[0]",
        "`from` is missing",
        "First end",
        at="- id: gate",
    ),
    Row("number as text", "name: Harbour", "name: 12", "name", "must be text", ""),
    Row("empty value", "name: Harbour", "name:", "name", "must be text, in quotes if it looks like"),
    Row("blank value", "name: Harbour", 'name: "  "', "name", "is empty", "What screens call it"),
    Row("text as number", "area_m2: 120.5", "area_m2: big", "area_m2", "must be a number, not `big`"),
    Row("fraction of a person", "max_people: 20", "max_people: 20.5", "max_people", "must be a whole number"),
    Row("truth as number", "area_m2: 120.5", "area_m2: true", "area_m2", "must be a number"),
    Row("text as truth", "loop: true", "loop: yes", "loop", "must be true or false"),
    Row("no number", "area_m2: 120.5", "area_m2: .nan", "area_m2", "finite number"),
    Row("negative area", "area_m2: 120.5", "area_m2: -1", "area_m2", "must be greater than 0"),
    Row("no people", "max_people: 20", "max_people: 0", "max_people", "must be greater than 0"),
    Row("list expected", "zones:\n", "zones: here\n    no_zones:\n", "cameras[0].zones", "must be a list, not `here`"),
    Row(
        "mapping expected",
        'hours: {days: [fri, sat], from: "22:00", to: "06:00"}',
        "hours: 22",
        "analytics[0].hours",
        "must be a mapping, not `22`",
    ),
    Row("camera is no mapping", "  - id: square", "  - plaza\n  - id: square", "cameras[1]", "a mapping"),
    Row("id with blanks", "id: harbour", "id: The Harbour", "id", "small letters, digits"),
    Row("wrong role", "roles: [detect]", "roles: [detects]", "roles[0]", "'detect' or 'record'", "`detect`?"),
    Row("no role", "roles: [detect]", "roles: []", "roles", "at least 1 item"),
    Row("wrong language", "[fr, en]", "[fr, english]", "languages[1]", "must be 'fr' or 'en'"),
    Row("wrong day", "[fri, sat]", "[friday, sat]", "hours.days[0]", "must be 'mon'", ""),
    Row("wrong time", '"22:00"', '"25:00"', "hours.from", "must be a time HH:MM"),
    Row("time without quotes", '"22:00"', "2200", "hours.from", "must be text"),
    Row("wrong latitude", "latitude: 43.3", "latitude: 143.3", "position.latitude", "less than or equal to 90"),
    Row("wrong heading", "heading_deg: 270", "heading_deg: 360", "heading_deg", "must be less than 360"),
    Row(
        "no streams",
        "    streams:\n      - {id: main, address: square.mp4, roles: [detect, record]}\n",
        "    streams: []\n",
        "cameras[1].streams",
        "at least 1 item",
    ),
    Row(
        "no dwelling review",
        "    dwellings: {reviewed_by: A. Martin, reviewed_on: 2026-10-01}\n",
        "",
        "cameras[1]",
        "`dwellings` is missing",
        "review of dwellings",
        at="- id: square",
    ),
    Row("reviewed by nobody", "reviewed_by: A. Martin\n", 'reviewed_by: ""\n', "reviewed_by", "is empty", "Who looked"),
    Row(
        "impossible date",
        "reviewed_on: 2026-10-01\n",
        "reviewed_on: 2026-02-30\n",
        "reviewed_on",
        "the calendar has no 2026-02-30",
    ),
    Row(
        "date in another order",
        "reviewed_on: 2026-10-01\n",
        "reviewed_on: 01/10/2026\n",
        "reviewed_on",
        "must be a date YYYY-MM-DD",
    ),
]

DRAWINGS = [
    Row(
        "corner outside",
        "[0.1, 0.5], [0.9, 0.5]",
        "[0.1, 0.5], [1.9, 0.5]",
        "corners[1][0]",
        "1.9 lies outside the picture",
    ),
    Row(
        "corner in pixels",
        "[0.1, 0.5], [0.9, 0.5]",
        "[0.1, 0.5], [640, 0.5]",
        "corners[1][0]",
        "outside the picture",
        "divide pixels",
    ),
    Row("corner below zero", "[0.1, 0.5], [0.9, 0.5]", "[0.1, -0.5], [0.9, 0.5]", "corners[0][1]", "outside"),
    Row(
        "edges cross",
        "[0.9, 0.9], [0.1, 0.9]",
        "[0.1, 0.9], [0.9, 0.9]",
        "zones[0].corners",
        "edges must not cross",
        "going round",
    ),
    Row(
        "two corners",
        "[[0.8, 0.1], [0.9, 0.1], [0.9, 0.3]]",
        "[[0.8, 0.1], [0.9, 0.1]]",
        "dwellings.masks[0]",
        "at least 3 items",
    ),
    Row("corner of three", "[[0.8, 0.1],", "[[0.8, 0.1, 0.2],", "masks[0][0]", "at most 2 items"),
    Row(
        "flat polygon",
        "[[0.8, 0.1], [0.9, 0.1], [0.9, 0.3]]",
        "[[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]",
        "dwellings.masks[0]",
        "no area",
    ),
    Row("line of one place", "to: [0.8, 0.7]", "to: [0.2, 0.7]", "lines[0]", "two different ends", at="- id: gate"),
    Row("line outside", "to: [0.8, 0.7]", "to: [0.8, 7]", "lines[0].to[1]", "outside the picture"),
]


@named(SYNTAX)
def test_what_is_no_plain_yaml_is_told_with_its_line(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)


@named(SHAPES)
def test_keys_and_values_of_a_wrong_kind_are_told(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)


@named(DRAWINGS)
def test_impossible_drawings_are_told(folder: Folder, row: Row) -> None:
    must_be_told(folder, row)
