"""What is sealed opens with its key, in its place, and in no other way."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import StoreError
from store.tables import INDEX_BYTES
from store.vault import KEY_BYTES, DataKey, Purpose, Vault

ONE, TWO = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
# Of "11223344595" with ONE and a nonce of zeros.
FORM = "0125647d9b000000000000000000000000f5baf8be82f2c0d59119f113e88c9c67ec96840f5e851a5cadd870"
INDEX = "08fd497463a363e84f579598cefb6b3c"
_numbers = count(1)


def vault(*keys: DataKey) -> Vault:
    """A vault whose nonces are known and never come twice."""
    return Vault(keys, random_bytes=lambda size: next(_numbers).to_bytes(size, "big"))


purposes = st.sampled_from(list(Purpose))


@given(purpose=purposes, text=st.binary(max_size=300), context=st.binary(max_size=60))
def test_what_is_sealed_opens_in_its_place(purpose: Purpose, text: bytes, context: bytes) -> None:
    sealed = vault(ONE).seal(purpose, text, context=context)
    assert vault(TWO, ONE).open(purpose, sealed, context=context) == text
    assert vault(ONE).seal(purpose, text, context=context) != sealed
    assert len(text) < 8 or text not in sealed


@given(text=st.binary(max_size=40), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_changed_bit_is_noticed(text: bytes, place: int, bit: int) -> None:
    sealed = bytearray(vault(ONE).seal(Purpose.SNILS, text, context=b"c"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(StoreError) as caught:
        vault(ONE).open(Purpose.SNILS, bytes(sealed), context=b"c")
    assert caught.value.code == "store.sealed"


@given(text=st.binary(max_size=40), length=st.integers(min_value=0))
def test_a_cut_value_is_noticed(text: bytes, length: int) -> None:
    sealed = vault(ONE).seal(Purpose.SNILS, text, context=b"c")
    with pytest.raises(StoreError) as caught:
        vault(ONE).open(Purpose.SNILS, sealed[: length % len(sealed)], context=b"c")
    assert caught.value.code == "store.sealed"


def test_another_place_or_purpose_does_not_open_it() -> None:
    sealed = vault(ONE).seal(Purpose.SNILS, b"text", context=b"persons.snils1")
    for purpose, context in (
        (Purpose.SNILS, b"persons.snils2"),
        (Purpose.DOCUMENT, b"persons.snils1"),
    ):
        with pytest.raises(StoreError):
            vault(ONE).open(purpose, sealed, context=context)


def test_the_first_key_seals_unless_another_is_named() -> None:
    both = vault(TWO, ONE)
    assert both.names == ("k2", "k1")
    current = both.seal(Purpose.SNILS, b"text", context=b"c")
    former = both.seal(Purpose.SNILS, b"text", context=b"c", key_at=1)
    assert (both.key_of(current), both.key_of(former)) == ("k2", "k1")
    assert current.startswith(both.current_prefix)
    assert not former.startswith(both.current_prefix)
    assert vault(ONE).open(Purpose.SNILS, former, context=b"c") == b"text"
    assert vault(ONE).key_of(current) is None
    assert both.key_of(b"") is None
    assert both.key_of(b"\x02" + current[1:]) is None


def test_an_index_depends_on_key_purpose_and_value() -> None:
    both = vault(TWO, ONE)
    assert both.indexes(Purpose.SNILS, "1") == (
        vault(TWO).index(Purpose.SNILS, "1"),
        vault(ONE).index(Purpose.SNILS, "1"),
    )
    assert both.index(Purpose.SNILS, "1") == both.indexes(Purpose.SNILS, "1")[0]
    different = {
        vault(key).index(purpose, value)
        for key in (ONE, TWO)
        for purpose in Purpose
        for value in ("1", "2")
    }
    assert len(different) == 2 * len(Purpose) * 2
    assert {len(each) for each in different} == {INDEX_BYTES}


@pytest.mark.parametrize(
    "keys", [(), (ONE, ONE), (ONE, DataKey("k1", TWO.secret)), (ONE, DataKey("k9", ONE.secret))]
)
def test_keys_are_some_and_different(keys: tuple[DataKey, ...]) -> None:
    with pytest.raises(StoreError) as caught:
        Vault(keys)
    assert caught.value.code == "store.keys"


@pytest.mark.parametrize(("name", "size"), [("", KEY_BYTES), ("k", 31), ("k", 33), ("k", 0)])
def test_a_key_has_a_name_and_32_bytes(name: str, size: int) -> None:
    with pytest.raises(StoreError):
        DataKey(name, bytes(size))


def test_a_key_does_not_show_its_secret() -> None:
    assert "secret" not in repr(ONE)
    assert repr(ONE.secret) not in repr(ONE)


def test_the_form_of_sealed_values_is_kept() -> None:
    # Values of this very form are in databases.
    fixed = Vault([ONE], random_bytes=bytes)
    sealed = fixed.seal(Purpose.SNILS, b"11223344595", context=b"persons.snils")
    assert sealed.hex() == FORM
    assert fixed.index(Purpose.SNILS, "11223344595").hex() == INDEX
