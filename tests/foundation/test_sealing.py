from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from foundation.sealing import (
    HEADER,
    AssociatedData,
    Unsealable,
    fingerprint,
    fingerprints,
    is_current,
    reseal,
    seal,
    unseal,
)

HERE = AssociatedData("table", "column", uuid.UUID(int=1), uuid.UUID(int=2))


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens_in_its_place(plain: bytes) -> None:
    sealed = seal(HERE, plain)
    assert unseal(HERE, sealed) == plain
    assert sealed != seal(HERE, plain)


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(table="other"),
        HERE._replace(column="other"),
        HERE._replace(row=uuid.UUID(int=3)),
        HERE._replace(scope=uuid.UUID(int=3)),
    ],
)
def test_moved_to_another_place_it_stays_shut(elsewhere: AssociatedData) -> None:
    with pytest.raises(Unsealable):
        unseal(elsewhere, seal(HERE, b"secret"))


@given(st.data())
def test_no_byte_can_be_changed(data: st.DataObject) -> None:
    sealed = bytearray(seal(HERE, b"secret"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unsealable):
        unseal(HERE, bytes(sealed))


@given(st.binary(max_size=60))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(Unsealable):
        unseal(HERE, rubbish)


def test_a_new_key_seals_and_the_old_one_still_opens(settings: Settings) -> None:
    settings.SEALING_KEY = "old"
    before = seal(HERE, b"secret")
    settings.SEALING_KEY = "new, old"
    assert unseal(HERE, before) == b"secret"
    after = seal(HERE, b"secret")
    settings.SEALING_KEY = "new"
    assert unseal(HERE, after) == b"secret"
    with pytest.raises(Unsealable):
        unseal(HERE, before)


def test_a_fingerprint_needs_the_key(settings: Settings) -> None:
    settings.SEALING_KEY = "one"
    first = fingerprint("device")
    assert fingerprint("device") == first
    assert fingerprint("devicf") != first
    settings.SEALING_KEY = "other"
    assert fingerprint("device") != first


def test_a_fingerprint_is_found_under_every_key(settings: Settings) -> None:
    settings.SEALING_KEY = "old"
    before = fingerprint("device")
    settings.SEALING_KEY = "new, old"
    assert fingerprints("device") == [fingerprint("device"), before]
    assert fingerprint("device") != before


def test_no_nonce_is_used_twice() -> None:
    """96 random bits: a repetition among these is as likely as one in 10^18."""
    nonces = {seal(HERE, b"")[HEADER : HEADER + 12] for _ in range(100_000)}
    assert len(nonces) == 100_000


def test_only_what_the_newest_key_sealed_is_current(settings: Settings) -> None:
    settings.SEALING_KEY = "old"
    before = seal(HERE, b"secret")
    settings.SEALING_KEY = "new, old"
    assert not is_current(before)
    again = reseal(HERE, before)
    assert is_current(again)
    settings.SEALING_KEY = "new"
    assert unseal(HERE, again) == b"secret"
