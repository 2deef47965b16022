"""The tree against the published vectors of RFC 6962 logs, and against its own definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.ledger import leaf_hash
from vitrail.guard.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)

# Leaves and roots of the reference test of certificate-transparency (RFC 6962, same tree as RFC 9162).
_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_HASHES = [leaf_hash(leaf) for leaf in _LEAVES]


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert expected == EMPTY_ROOT.hex() == CompactRange().root().hex() == hashlib.sha256().hexdigest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert root_of(_HASHES[:size]).hex() == _ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_inclusion_proofs_are_those_of_the_published_vectors(index: int, size: int, proof: list[str]) -> None:
    assert [step.hex() for step in inclusion_proof(_HASHES[:size], index)] == proof


@pytest.mark.parametrize(
    ("first", "second", "proof"),
    [
        (1, 1, []),
        (
            1,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
    ],
)
def test_consistency_proofs_are_those_of_the_published_vectors(first: int, second: int, proof: list[str]) -> None:
    assert [step.hex() for step in consistency_proof(_HASHES[:second], first)] == proof


_TREES = st.lists(st.binary(max_size=4), min_size=1, max_size=40).map(lambda items: [leaf_hash(item) for item in items])


def _by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(_by_definition(leaves[:k]), _by_definition(leaves[k:]))


@given(_TREES)
def test_growing_leaf_by_leaf_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == _by_definition(leaves)
    grown = CompactRange()
    for leaf in leaves:
        grown = grown.grown(leaf)
    assert grown.size == len(leaves)
    assert len(grown.peaks) == bin(len(leaves)).count("1")


@given(_TREES, st.data())
def test_every_leaf_is_proven_to_be_in_the_tree_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert proves_inclusion(leaves[index], index, len(leaves), proof, root)
    assert not proves_inclusion(leaf_hash(b"not in any of these trees"), index, len(leaves), proof, root)
    assert not proves_inclusion(leaves[index], index, len(leaves), [*proof, bytes(32)], root)
    assert not proves_inclusion(leaves[index], len(leaves), len(leaves), proof, root)


@given(_TREES, st.data())
def test_a_tree_is_proven_to_continue_its_own_past_and_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, size)
    past, now = root_of(leaves[:size]), root_of(leaves)
    assert proves_consistency(size, past, len(leaves), now, proof)
    other = root_of([*leaves[: size - 1], leaf_hash(b"somebody changed the past")])
    assert not proves_consistency(size, other, len(leaves), now, proof)
