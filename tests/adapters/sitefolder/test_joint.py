"""A joint picture-text model that the site brings: where its manifest lies, and its digest."""

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named

JOINT = f"""\
likeness:
  manifest: joint.yaml
  sha256: {"a" * 64}
cameras:
"""


def with_joint(folder: Folder) -> Folder:
    folder.spoil("site.yaml", "cameras:\n", JOINT)
    (folder.path / "joint.yaml").write_text("id: tiny\n", encoding="utf-8")
    return folder


def test_the_model_is_read_with_its_digest(folder: Folder) -> None:
    joint = with_joint(folder).read().site.joint
    assert joint is not None and joint.sha256 == "a" * 64
    assert joint.manifest.endswith("/joint.yaml")


@named(
    [
        Row("elsewhere", "manifest: joint.yaml", "manifest: ../../etc/passwd", "likeness.manifest",
            "is no file in the site folder"),
        Row("missing", "manifest: joint.yaml", "manifest: other.yaml", "likeness.manifest",
            "is no file in the site folder"),
        Row("no digest", "a" * 64, "abc", "likeness.sha256", "64 hexadecimal digits"),
    ]
)  # fmt: skip
def test_what_is_wrong_with_it_is_told(folder: Folder, row: Row) -> None:
    must_be_told(with_joint(folder), row)
