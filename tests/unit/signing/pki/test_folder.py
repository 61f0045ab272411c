"""The folder of revocation lists: read at the start, read again, never less careful than before."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from signing.certificates import Certificate
from signing.errors import SigningError, TrustError
from signing.pki.folder import CHECK_EVERY_S
from signing.pki.issuing import Issuer, Revocation, format_list_pem
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import KeyKind, Providers
from tests.unit.signing import authorities
from tests.unit.signing.authorities import DAY, HOUR, Tree, good_list, odd_list
from tests.unit.signing.pki.test_revocation import DELTA
from tests.unit.signing.samples import NOW

UNKNOWN = "certificate.revocation_unknown"
REVOKED = "certificate.revoked"


@pytest.fixture
def tree(providers: Providers) -> Tree:
    return authorities.tree(KeyKind.GOST_2012_256)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_time(self) -> None:
        self.now += CHECK_EVERY_S


@dataclass
class Kept:
    """A store with its folder and its clock."""

    store: TrustStore
    folder: Path
    clock: Clock

    def judge(self, certificate: Certificate) -> str:
        try:
            self.store.verify(certificate, at=NOW)
        except TrustError as error:
            return error.code
        return ""

    def judge_later(self, certificate: Certificate) -> str:
        self.clock.pass_time()
        return self.judge(certificate)

    def replace(self, name: str, data: bytes) -> None:
        """Put a file into its place as a careful publisher does."""
        fresh = self.folder / f".{name}.part"
        fresh.write_bytes(data)
        fresh.rename(self.folder / name)


def keep(providers: Providers, tree: Tree, folder: Path, *, required: bool = False) -> Kept:
    clock = Clock()
    policy = TrustPolicy(
        anchors=(tree.root.certificate,),
        intermediates=(tree.middle.certificate,),
        crl_folder=folder,
        require_revocation=required,
    )
    return Kept(TrustStore(policy, providers, clock=clock), folder, clock)


def revoking(issuer: Issuer, *certificates: Certificate) -> bytes:
    return good_list(issuer, *(Revocation(one.serial, NOW - 2 * HOUR) for one in certificates))


def test_der_and_pem_and_what_is_left_alone(
    providers: Providers, tree: Tree, tmp_path: Path
) -> None:
    leaf, other = tree.leaf(), tree.leaf(tree.root)
    (tmp_path / "a").write_bytes(revoking(tree.middle, leaf))
    (tmp_path / "b.pem").write_bytes(format_list_pem(revoking(tree.root, other)))
    (tmp_path / ".half").write_bytes(b"garbage")
    (tmp_path / "older").mkdir()
    kept = keep(providers, tree, tmp_path)
    assert kept.judge(leaf) == REVOKED
    assert kept.judge(other) == REVOKED
    assert kept.judge(tree.leaf()) == ""


def test_empty_folder_revokes_nothing(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    assert keep(providers, tree, tmp_path).judge(tree.leaf()) == ""
    assert keep(providers, tree, tmp_path, required=True).judge(tree.leaf()) == UNKNOWN


@pytest.mark.parametrize("data", [b"", b"garbage", b"-----BEGIN X509 CRL-----\n"])
def test_garbage_at_the_start(
    providers: Providers, tree: Tree, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "good.crl").write_bytes(good_list(tree.root))
    (tmp_path / "bad.crl").write_bytes(data)
    with pytest.raises(SigningError) as caught:
        keep(providers, tree, tmp_path)
    assert caught.value.code == "certificate.malformed"
    assert caught.value.detail.startswith("bad.crl: ")


def test_delta_at_the_start(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "delta.crl").write_bytes(odd_list(tree.root, extensions=[DELTA]))
    with pytest.raises(SigningError) as caught:
        keep(providers, tree, tmp_path)
    assert caught.value.code == "revocation.delta_unsupported"


def test_no_folder_at_the_start(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    with pytest.raises(SigningError) as caught:
        keep(providers, tree, tmp_path / "absent")
    assert caught.value.code == "revocation.folder_unreadable"
    assert "absent" in caught.value.detail


def test_too_large_a_file(
    providers: Providers, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "big.crl").write_bytes(good_list(tree.root))
    monkeypatch.setattr("signing.pki.folder.MAX_LIST_BYTES", 10)
    with pytest.raises(SigningError) as caught:
        keep(providers, tree, tmp_path)
    assert caught.value.code == "revocation.too_large"


def test_read_again_when_it_changes(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    leaf = tree.leaf()
    kept = keep(providers, tree, tmp_path)
    assert kept.judge(leaf) == ""
    kept.replace("middle.crl", revoking(tree.middle, leaf))
    # Not yet: the folder is looked at every few seconds only.
    assert kept.judge(leaf) == ""
    assert kept.judge_later(leaf) == REVOKED
    kept.replace("middle.crl", revoking(tree.middle))
    assert kept.judge_later(leaf) == ""
    kept.replace("middle.crl", revoking(tree.middle, leaf))
    assert kept.judge_later(leaf) == REVOKED
    (tmp_path / "middle.crl").unlink()
    assert kept.judge_later(leaf) == ""


def test_clock_that_goes_back_stops_nothing(
    providers: Providers, tree: Tree, tmp_path: Path
) -> None:
    leaf = tree.leaf()
    kept = keep(providers, tree, tmp_path)
    kept.replace("middle.crl", revoking(tree.middle, leaf))
    kept.clock.now = -1000.0
    assert kept.judge(leaf) == REVOKED


def test_nothing_is_read_while_nothing_changes(
    providers: Providers, tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = tree.leaf()
    (tmp_path / "middle.crl").write_bytes(revoking(tree.middle, leaf))
    kept = keep(providers, tree, tmp_path)
    read: list[str] = []
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or b"")
    for _ in range(3):
        assert kept.judge_later(leaf) == REVOKED
    assert read == []


@pytest.mark.parametrize("spoilt", [b"garbage", b""])
def test_spoilt_file_keeps_its_last_list(
    providers: Providers,
    tree: Tree,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    spoilt: bytes,
) -> None:
    monkeypatch.setattr(logging.getLogger("kontingent"), "propagate", True)
    leaf, sibling = tree.leaf(), tree.leaf()
    for name, data in (("root", good_list(tree.root)), ("middle", revoking(tree.middle, leaf))):
        (tmp_path / f"{name}.crl").write_bytes(data)
    required = keep(providers, tree, tmp_path, required=True)
    relaxed = keep(providers, tree, tmp_path)
    assert (required.judge(leaf), required.judge(sibling)) == (REVOKED, "")
    required.replace("middle.crl", spoilt)
    for _ in range(3):
        assert required.judge_later(leaf) == REVOKED
        assert required.judge(sibling) == UNKNOWN
        # What hangs on the other list alone is not touched.
        assert required.judge(tree.leaf(tree.root)) == ""
    # One line, however often it is asked.
    lines = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert lines == ["event=crl_unusable file='middle.crl' code=certificate.malformed"]
    assert (relaxed.judge_later(leaf), relaxed.judge(sibling)) == (REVOKED, "")
    required.replace("middle.crl", revoking(tree.middle))
    assert (required.judge_later(leaf), required.judge(sibling)) == ("", "")


def test_spoilt_newcomer_changes_nothing(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    leaf = tree.leaf(tree.root)
    (tmp_path / "root.crl").write_bytes(good_list(tree.root))
    kept = keep(providers, tree, tmp_path, required=True)
    kept.replace("delta.crl", odd_list(tree.root, extensions=[DELTA], serial=leaf.serial))
    assert kept.judge_later(leaf) == ""


def test_lost_folder_keeps_its_last_lists(
    providers: Providers,
    tree: Tree,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("kontingent"), "propagate", True)
    folder, away = tmp_path / "crl", tmp_path / "away"
    folder.mkdir()
    leaf, sibling = tree.leaf(tree.root), tree.leaf(tree.root)
    (folder / "root.crl").write_bytes(revoking(tree.root, leaf))
    kept = keep(providers, tree, folder, required=True)
    folder.rename(away)
    for _ in range(2):
        assert kept.judge_later(leaf) == REVOKED
        assert kept.judge(sibling) == UNKNOWN
    lines = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    assert len(lines) == 1
    assert "event=crl_folder_unreadable" in lines[0]
    away.rename(folder)
    assert (kept.judge_later(leaf), kept.judge(sibling)) == (REVOKED, "")


def test_same_size_and_time_but_another_file(
    providers: Providers, tree: Tree, tmp_path: Path
) -> None:
    leaf, sibling = tree.leaf(), tree.leaf()
    path = tmp_path / "middle.crl"
    path.write_bytes(revoking(tree.middle, sibling))
    os.utime(path, ns=(1, 1))
    kept = keep(providers, tree, tmp_path)
    assert kept.judge(leaf) == ""
    kept.replace("middle.crl", revoking(tree.middle, leaf))
    os.utime(path, ns=(1, 1))
    assert kept.judge_later(leaf) == REVOKED


def test_list_that_becomes_stale_while_it_lies_there(
    providers: Providers, tree: Tree, tmp_path: Path
) -> None:
    leaf = tree.leaf(tree.root)
    (tmp_path / "root.crl").write_bytes(good_list(tree.root))
    kept = keep(providers, tree, tmp_path, required=True)
    assert kept.judge(leaf) == ""
    with pytest.raises(TrustError) as caught:
        kept.store.verify(leaf, at=NOW + 2 * DAY)
    assert caught.value.code == UNKNOWN
