"""Revocation: which lists count, what they say, and which are refused. For GOST and RSA alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import core, x509
from asn1crypto import crl as asn1_crl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing.certificates import Certificate, parse_certificate
from signing.errors import SigningError, TrustError
from signing.pki.issuing import Issuer, Revocation, RevocationReason, Subject, format_list_pem
from signing.pki.revocation import parse_revocation_lists, read_subject
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import KeyKind, Providers
from tests.unit.signing import authorities
from tests.unit.signing.authorities import (
    DAY,
    HOUR,
    Tree,
    good_list,
    make_authority,
    odd_list,
    point,
)
from tests.unit.signing.samples import NOW

URL = "http://crl.kontingent.example/lists/middle.crl?a=1"


@pytest.fixture(params=[KeyKind.GOST_2012_256, KeyKind.RSA_2048])
def tree(request: pytest.FixtureRequest, providers: Providers) -> Tree:
    return authorities.tree(request.param)


@pytest.fixture
def gost(providers: Providers) -> Tree:
    return authorities.tree(KeyKind.GOST_2012_256)


def judged(
    providers: Providers,
    tree: Tree,
    certificate: Certificate,
    *lists: bytes,
    at: datetime = NOW,
    required: bool = False,
    folder: Path | None = None,
    others: tuple[Issuer, ...] = (),
) -> str:
    """The code of the refusal, empty when the certificate is accepted."""
    policy = TrustPolicy(
        anchors=(tree.root.certificate,),
        intermediates=(tree.middle.certificate, *(one.certificate for one in others)),
        crls=lists,
        crl_folder=folder,
        require_revocation=required,
    )
    store = TrustStore(policy, providers)
    answers = set()
    for _ in range(2):  # the second answer comes from memory and is the same
        try:
            store.verify(certificate, at=at)
            answers.add("")
        except TrustError as error:
            answers.add(error.code)
    (answer,) = answers
    return answer


def revocation(certificate: Certificate, at: datetime = NOW - 2 * HOUR) -> Revocation:
    return Revocation(certificate.serial, at, RevocationReason.KEY_COMPROMISE)


def test_revoked_leaf_and_its_sibling(providers: Providers, tree: Tree) -> None:
    revoked, sibling = tree.leaf(), tree.leaf()
    made = good_list(tree.middle, revocation(revoked))
    assert judged(providers, tree, revoked, made) == "certificate.revoked"
    assert judged(providers, tree, sibling, made) == ""
    assert judged(providers, tree, revoked, format_list_pem(made)) == "certificate.revoked"


def test_revoked_authority_takes_its_leaves_along(providers: Providers, tree: Tree) -> None:
    made = good_list(tree.root, revocation(tree.middle.certificate))
    assert judged(providers, tree, tree.leaf(), made) == "certificate.revoked"
    assert judged(providers, tree, tree.leaf(tree.root), made) == ""


def test_signature_from_before_the_revocation_holds(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    made = good_list(tree.middle, revocation(leaf, NOW - 2 * HOUR))
    second = timedelta(seconds=1)
    for at, code in (
        (NOW - 2 * HOUR - second, ""),
        (NOW - 2 * HOUR, "certificate.revoked"),
        (NOW + 2 * DAY, "certificate.revoked"),
    ):
        assert judged(providers, tree, leaf, made, at=at) == code


def test_list_of_another_serial_number_space(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    made = good_list(tree.root, revocation(leaf))
    assert judged(providers, tree, leaf, made) == ""


def test_list_signed_by_the_wrong_key(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    impostor = Issuer(tree.middle.certificate, authorities.key(tree.kind, "wrong"))
    made = good_list(impostor, revocation(leaf))
    assert judged(providers, tree, leaf, made) == ""
    empty = (good_list(impostor), good_list(tree.root))
    assert judged(providers, tree, leaf, *empty, required=True) == "certificate.revocation_unknown"


def test_list_changed_after_signing(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    made = asn1_crl.CertificateList.load(good_list(tree.middle, revocation(tree.leaf())))
    entry = made["tbs_cert_list"]["revoked_certificates"][0]
    entry["user_certificate"] = leaf.serial
    assert judged(providers, tree, leaf, made.dump(force=True)) == ""


def test_issuer_without_crl_sign(providers: Providers, tree: Tree) -> None:
    for usage, code in (
        (frozenset({"key_cert_sign"}), ""),
        (frozenset({"key_cert_sign", "crl_sign"}), "certificate.revoked"),
        (frozenset(), "certificate.revoked"),
    ):
        issuer = tree.authority(key_usage=usage)
        leaf = tree.leaf(issuer)
        made = good_list(issuer, revocation(leaf))
        assert judged(providers, tree, leaf, made, others=(issuer,)) == code, usage


def test_authority_without_cert_sign(providers: Providers, tree: Tree) -> None:
    issuer = tree.authority(key_usage=frozenset({"crl_sign"}))
    leaf = tree.leaf(issuer)
    assert judged(providers, tree, leaf, others=(issuer,)) == "certificate.untrusted"


def test_path_length(providers: Providers, tree: Tree) -> None:
    # The root allows one authority below it, the middle one none.
    below = tree.authority("below", tree.middle)
    leaf = tree.leaf(below)
    assert judged(providers, tree, leaf, others=(below,)) == "certificate.untrusted"
    wide = tree.authority("wide", path_length=None)
    below = tree.authority("below-wide", wide)
    leaf = tree.leaf(below)
    # By the root's own limit, which holds although the root is believed as it is.
    assert judged(providers, tree, leaf, others=(wide, below)) == "certificate.untrusted"
    policy = TrustPolicy(anchors=(wide.certificate,), intermediates=(below.certificate,))
    TrustStore(policy, providers).verify(leaf, at=NOW)


def test_sender_as_anchor_issues_nothing(providers: Providers, tree: Tree) -> None:
    own = authorities.key(tree.kind, "leaf")
    sender = tree.leaf()
    renamed = authorities.certify(tree, Issuer(sender, own), Subject("Другой", "Учреждение"))
    # Of the same name and key, as if the sender had prolonged its own certificate.
    prolonged = tree.leaf(Issuer(sender, own))
    untrusted = "certificate.untrusted"
    for other, code in ((sender, ""), (renamed, untrusted), (prolonged, untrusted)):
        store = TrustStore(TrustPolicy(anchors=(sender,)), providers)
        try:
            store.verify(other, at=NOW)
            assert code == ""
        except TrustError as error:
            assert error.code == code


@pytest.mark.parametrize(
    ("usage", "code"),
    [
        ({"key_encipherment"}, "certificate.usage"),
        ({"non_repudiation"}, "certificate.usage"),
        ({"digital_signature", "key_encipherment"}, ""),
        (set(), ""),
    ],
)
def test_usage_of_the_leaf(providers: Providers, tree: Tree, usage: set[str], code: str) -> None:
    assert judged(providers, tree, tree.leaf(key_usage=frozenset(usage))) == code


# Whether a current list is at hand.


def test_required_lists_for_each_authority(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    both = (good_list(tree.root), good_list(tree.middle))
    assert judged(providers, tree, leaf, *both, required=True) == ""
    for lists in ((), both[:1], both[1:]):
        for required, code in ((True, "certificate.revocation_unknown"), (False, "")):
            assert judged(providers, tree, leaf, *lists, required=required) == code


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (NOW + DAY, ""),
        (NOW + DAY + timedelta(seconds=1), "certificate.revocation_unknown"),
        # A list knows about the time before it.
        (NOW - 9 * DAY, ""),
    ],
)
def test_next_update(providers: Providers, tree: Tree, at: datetime, code: str) -> None:
    both = (good_list(tree.root), good_list(tree.middle))
    assert judged(providers, tree, tree.leaf(), *both, at=at, required=True) == code
    assert judged(providers, tree, tree.leaf(), *both, at=at) == ""


def test_stale_list_still_revokes(providers: Providers, tree: Tree) -> None:
    revoked, sibling = tree.leaf(), tree.leaf()
    stale = good_list(
        tree.middle, revocation(revoked, NOW - 4 * DAY), this_update=NOW - 3 * DAY,
        next_update=NOW - DAY,
    )  # fmt: skip
    root = good_list(tree.root)
    assert judged(providers, tree, revoked, stale) == "certificate.revoked"
    assert judged(providers, tree, revoked, root, stale, required=True) == "certificate.revoked"
    unknown = "certificate.revocation_unknown"
    assert judged(providers, tree, sibling, root, stale, required=True) == unknown
    fresh = good_list(tree.middle)
    assert judged(providers, tree, sibling, root, stale, fresh, required=True) == ""
    # What the old list names and the new one no longer does stays revoked.
    assert judged(providers, tree, revoked, root, stale, fresh) == "certificate.revoked"


def test_list_without_next_update_is_never_current(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    lists = (good_list(tree.root), good_list(tree.middle, revocation(leaf), next_update=None))
    assert judged(providers, tree, leaf, *lists) == "certificate.revoked"
    unknown = "certificate.revocation_unknown"
    assert judged(providers, tree, tree.leaf(), *lists, required=True) == unknown


def test_list_from_after_the_certificates_end(providers: Providers, gost: Tree) -> None:
    # It may leave out what had expired by then.
    late = good_list(gost.middle, this_update=NOW + 11 * DAY, next_update=NOW + 20 * DAY)
    lists = (good_list(gost.root), late)
    unknown = "certificate.revocation_unknown"
    assert judged(providers, gost, gost.leaf(), *lists, required=True) == unknown


def test_anchor_needs_no_list(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    policy = TrustPolicy(anchors=(leaf,), require_revocation=True)
    TrustStore(policy, providers).verify(leaf, at=NOW)


def test_expired_comes_before_unknown(providers: Providers, tree: Tree) -> None:
    at = NOW + 11 * DAY
    assert judged(providers, tree, tree.leaf(), at=at, required=True) == "certificate.expired"


# Holds and their ends.


def on_hold(certificate: Certificate, reason: RevocationReason | None = None) -> Revocation:
    return Revocation(
        certificate.serial, NOW - 5 * DAY, reason or RevocationReason.CERTIFICATE_HOLD
    )


def test_hold_ends_with_the_list_that_no_longer_names_it(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    held = good_list(tree.middle, on_hold(leaf), this_update=NOW - 4 * DAY)
    again = good_list(tree.middle, on_hold(leaf), this_update=NOW - 3 * DAY)
    released = good_list(tree.middle, this_update=NOW - 2 * DAY)
    removed = good_list(
        tree.middle,
        on_hold(leaf, RevocationReason.REMOVE_FROM_CRL),
        this_update=NOW - 2 * DAY,
    )
    assert judged(providers, tree, leaf, held) == "certificate.revoked"
    assert judged(providers, tree, leaf, held, again) == "certificate.revoked"
    for end in (released, removed):
        assert judged(providers, tree, leaf, held, again, end) == ""
        assert judged(providers, tree, leaf, held, again, end, at=NOW - 2 * DAY) == ""
        at = NOW - 3 * DAY
        assert judged(providers, tree, leaf, held, again, end, at=at) == "certificate.revoked"
        assert judged(providers, tree, leaf, held, again, end, at=NOW - 6 * DAY) == ""


def test_hold_that_became_a_revocation(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    held = good_list(tree.middle, on_hold(leaf), this_update=NOW - 4 * DAY)
    revoked = good_list(tree.middle, revocation(leaf, NOW - 3 * DAY), this_update=NOW - 2 * DAY)
    later = good_list(tree.middle, this_update=NOW - DAY)
    assert judged(providers, tree, leaf, held, revoked, later) == "certificate.revoked"


def test_older_list_ends_no_hold(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    held = good_list(tree.middle, on_hold(leaf), this_update=NOW - 2 * DAY)
    older = good_list(tree.middle, this_update=NOW - 3 * DAY)
    assert judged(providers, tree, leaf, held, older) == "certificate.revoked"


def test_named_twice_the_worse_counts(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    for pair in ((on_hold(leaf), revocation(leaf)), (revocation(leaf), on_hold(leaf))):
        made = good_list(tree.middle, *pair, this_update=NOW - 2 * DAY)
        later = good_list(tree.middle)
        assert judged(providers, tree, leaf, made, later) == "certificate.revoked"


# Distribution points: looked up in the folder alone.


def test_point_is_resolved_in_the_folder(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    leaf, sibling = (tree.leaf(crl_distribution_points=(URL,)) for _ in range(2))
    (tmp_path / "middle.crl").write_bytes(good_list(tree.middle, revocation(leaf)))
    (tmp_path / "root.crl").write_bytes(format_list_pem(good_list(tree.root)))
    assert judged(providers, tree, leaf, folder=tmp_path) == "certificate.revoked"
    assert judged(providers, tree, sibling, folder=tmp_path, required=True) == ""


def test_file_of_the_points_name_answers(providers: Providers, tree: Tree, tmp_path: Path) -> None:
    leaf = tree.leaf(crl_distribution_points=("ldap://x/a", URL))
    (tmp_path / "root.crl").write_bytes(good_list(tree.root))
    (tmp_path / "other.crl").write_bytes(good_list(tree.middle))
    # By issuer, as long as there is no file of that name.
    assert judged(providers, tree, leaf, folder=tmp_path, required=True) == ""
    stale = good_list(tree.middle, this_update=NOW - 3 * DAY, next_update=NOW - DAY)
    (tmp_path / "middle.crl").write_bytes(stale)
    unknown = "certificate.revocation_unknown"
    assert judged(providers, tree, leaf, folder=tmp_path, required=True) == unknown
    # A file of that name by another authority answers for nobody of this one's.
    (tmp_path / "middle.crl").write_bytes(good_list(tree.root))
    assert judged(providers, tree, leaf, folder=tmp_path, required=True) == ""


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"uri": URL}, ""),
        ({"uri": "http://crl.kontingent.example/part-2.crl"}, "certificate.revocation_unknown"),
        ({"only_contains_user_certs": True}, ""),
        ({"only_contains_ca_certs": True}, "certificate.revocation_unknown"),
    ],
)
def test_list_for_a_part(
    providers: Providers, tree: Tree, fields: dict[str, object], code: str
) -> None:
    leaf = tree.leaf(crl_distribution_points=(URL,))
    root = good_list(tree.root)
    part = odd_list(tree.middle, extensions=[point(**fields)])
    assert judged(providers, tree, leaf, root, part, required=True) == code
    # Whom it names is revoked all the same.
    part = odd_list(tree.middle, extensions=[point(**fields)], serial=leaf.serial)
    assert judged(providers, tree, leaf, root, part, required=True) == "certificate.revoked"


def test_hold_ends_within_its_part(providers: Providers, gost: Tree) -> None:
    leaf = gost.leaf()
    hold = {"extn_id": "crl_reason", "extn_value": asn1_crl.CRLReason("certificate_hold")}
    part = odd_list(
        gost.middle,
        extensions=[point(uri=URL)],
        entry_extensions=[hold],
        serial=leaf.serial,
        this_update=NOW - 3 * DAY,
    )
    assert judged(providers, gost, leaf, part, good_list(gost.middle)) == "certificate.revoked"


def test_points_that_are_not_read_here(gost: Tree) -> None:
    name = x509.GeneralName(name="uniform_resource_identifier", value=URL)
    full = x509.DistributionPointName(name="full_name", value=[name])
    entry = x509.GeneralName(name="directory_name", value=x509.Name.build({"common_name": "X"}))
    relative = x509.RelativeDistinguishedName(
        [
            {
                "type": "common_name",
                "value": x509.DirectoryString("utf8_string", core.UTF8String("X")),
            }
        ]
    )
    for added, files in (
        ({}, {"middle.crl"}),
        ({"reasons": {"key_compromise"}}, set()),
        ({"crl_issuer": [entry]}, set()),
        (
            {
                "distribution_point": x509.DistributionPointName(
                    name="name_relative_to_crl_issuer", value=relative
                )
            },
            set(),
        ),
    ):
        made = x509.Certificate.load(gost.leaf(crl_distribution_points=(URL,)).der)
        for extension in made["tbs_certificate"]["extensions"]:
            if extension["extn_id"].native == "crl_distribution_points":
                fields = {"distribution_point": full, **added}
                extension["extn_value"] = x509.CRLDistributionPoints([fields])
        read = read_subject(x509.Certificate.load(made.dump(force=True)))
        assert (read.files, bool(read.points)) == (files, bool(files)), added


# Lists that are refused as they are read.

UNKNOWN = {"extn_id": "1.2.3.4", "critical": True, "extn_value": b"\x05\x00"}
HARMLESS = {"extn_id": "1.2.3.4", "critical": False, "extn_value": b"\x05\x00"}
DELTA = {"extn_id": "delta_crl_indicator", "critical": True, "extn_value": core.Integer(1)}
REASONS = {"only_some_reasons": {"key_compromise"}}


def another_issuer() -> dict[str, object]:
    name = x509.GeneralName(name="directory_name", value=x509.Name.build({"common_name": "X"}))
    return {"extn_id": "certificate_issuer", "critical": True, "extn_value": [name]}


@pytest.mark.parametrize(
    ("extensions", "entry_extensions", "code"),
    [
        ([DELTA], [], "revocation.delta_unsupported"),
        ([{**DELTA, "critical": False}], [], "revocation.delta_unsupported"),
        ([point(indirect_crl=True)], [], "revocation.indirect_unsupported"),
        ([point(**REASONS)], [], "revocation.scope_unsupported"),
        ([point(only_contains_attribute_certs=True)], [], "revocation.scope_unsupported"),
        ([UNKNOWN], [], "revocation.critical_extension"),
        ([], [UNKNOWN], "revocation.critical_extension"),
        ([], [another_issuer()], "revocation.indirect_unsupported"),
    ],
    ids=[
        "delta", "delta_not_critical", "indirect", "some_reasons", "attributes", "critical",
        "critical_in_entry", "entry_of_another",
    ],
)  # fmt: skip
def test_refused_rather_than_misread(
    providers: Providers,
    tree: Tree,
    extensions: list[dict[str, object]],
    entry_extensions: list[dict[str, object]],
    code: str,
) -> None:
    made = odd_list(tree.middle, extensions=extensions, entry_extensions=entry_extensions)
    with pytest.raises(SigningError) as caught:
        judged(providers, tree, tree.leaf(), made)
    assert caught.value.code == code


def test_unknown_extension_that_is_not_critical(providers: Providers, tree: Tree) -> None:
    leaf = tree.leaf()
    made = odd_list(
        tree.middle, extensions=[HARMLESS], entry_extensions=[HARMLESS], serial=leaf.serial
    )
    assert judged(providers, tree, leaf, made) == "certificate.revoked"


def test_two_algorithms(gost: Tree) -> None:
    made = asn1_crl.CertificateList.load(good_list(gost.middle))
    made["signature_algorithm"] = {"algorithm": "sha256_rsa"}
    with pytest.raises(SigningError) as caught:
        parse_revocation_lists(made.dump(force=True))
    assert caught.value.code == "certificate.malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        b"-----BEGIN X509 CRL-----\nAAAA\n",
        b"-----BEGIN X509 CRL-----\nA\n-----END X509 CRL-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_garbage(data: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        parse_revocation_lists(data, file="a.crl")
    assert caught.value.code == "certificate.malformed"
    assert caught.value.detail.startswith("a.crl: ")


def test_certificate_is_no_list(gost: Tree) -> None:
    with pytest.raises(SigningError):
        parse_revocation_lists(gost.root.certificate.der)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.pki.revocation.MAX_LIST_BYTES", 3)
    with pytest.raises(SigningError) as caught:
        parse_revocation_lists(b"abcd")
    assert caught.value.code == "revocation.too_large"


def test_bundle(gost: Tree) -> None:
    one, other = good_list(gost.root), good_list(gost.middle)
    bundle = format_list_pem(one) + b"a comment\n" + format_list_pem(other)
    assert len({made.issuer for made in parse_revocation_lists(bundle)}) == 2
    with pytest.raises(SigningError):
        parse_revocation_lists(bundle.replace(b"-----END X509 CRL-----", b"", 1))


@st.composite
def mutations(draw: st.DrawFn, size: int) -> list[tuple[int, int]]:
    change = st.tuples(st.integers(0, size - 1), st.integers(0, 255))
    return draw(st.lists(change, min_size=1, max_size=6))


@pytest.mark.parametrize("kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
@given(data=st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_list_never_raises_anything_else(
    providers: Providers, kind: KeyKind, data: st.DataObject
) -> None:
    tree = authorities.tree(kind)
    leaf, made = _leaf_and_list(kind)
    broken = bytearray(made)
    for position, octet in data.draw(mutations(len(broken))):
        broken[position] = octet
    cut = data.draw(st.integers(len(broken) // 2, len(broken)))
    try:
        code = judged(providers, tree, leaf, bytes(broken[:cut]))
    except SigningError:
        return
    assert code in {"", "certificate.revoked"}


@pytest.mark.parametrize("kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
@given(data=st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutated_certificate_never_raises_anything_else(
    providers: Providers, kind: KeyKind, data: st.DataObject
) -> None:
    tree = authorities.tree(kind)
    good = _pointed_leaf(kind)
    broken = bytearray(good.der)
    for position, octet in data.draw(mutations(len(broken))):
        broken[position] = octet
    try:
        certificate = parse_certificate(bytes(broken))
    except SigningError:
        return
    code = judged(providers, tree, certificate, good_list(tree.middle))
    assert code or certificate == good


@given(data=st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_raise_only_ours(data: st.DataObject) -> None:
    given_bytes = data.draw(st.binary(max_size=200))
    begun = data.draw(st.sampled_from([b"", b"-----BEGIN X509 CRL-----\n", b"\x30\x82"]))
    with pytest.raises(SigningError):
        parse_revocation_lists(begun + given_bytes)


@cache
def _pointed_leaf(kind: KeyKind) -> Certificate:
    return authorities.tree(kind).leaf(crl_distribution_points=(URL, "ldap://x/%zz?a"))


@cache
def _leaf_and_list(kind: KeyKind) -> tuple[Certificate, bytes]:
    tree = authorities.tree(kind)
    leaf = tree.leaf()
    reason = {"extn_id": "crl_reason", "extn_value": asn1_crl.CRLReason("superseded")}
    made = odd_list(
        tree.middle,
        extensions=[point(uri=URL)],
        entry_extensions=[reason, HARMLESS],
        serial=leaf.serial,
    )
    return leaf, made


def test_authority_of_the_same_name_has_lists_of_its_own(providers: Providers, tree: Tree) -> None:
    """An authority with a new key: each list counts for what its own key has certified."""
    subject = authorities.MIDDLE
    renewed = make_authority(tree.kind, "renewed", subject, tree.root)
    old, new = tree.leaf(), tree.leaf(renewed)
    for issuer, first, second in (
        (tree.middle, "certificate.revoked", ""),
        (renewed, "", "certificate.revoked"),
    ):
        made = good_list(issuer, revocation(old), revocation(new))
        assert judged(providers, tree, old, made, others=(renewed,)) == first
        assert judged(providers, tree, new, made, others=(renewed,)) == second
