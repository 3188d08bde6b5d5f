"""Valkey keeps counts and hashes, and nothing of a person."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from foundation.valkey import valkey
from tests.architecture.canaries import found_in
from tests.cast import ANA, WORDS, FakePhone, answer, make_circle, mutation
from tests.signin.ceremony import DEVICE, App


@pytest.mark.usefixtures("committed_db")
def test_nothing_of_a_person_and_no_token_is_kept_in_valkey() -> None:
    """Whatever the tests before this one have left there is searched too."""
    circle = make_circle()
    phone = FakePhone(circle.ana, registered=True)
    post = {"group": str(circle.group), "id": str(uuid7()), "text": WORDS}
    assert answer(phone.push(mutation(1, "groups.post_message", post)))["lmid"] == {"main": 1}
    answer(phone.post("live/ticket"))
    App().post("auth/code/request", email=ANA["email"])
    code = {"code": "7QMX-2RTA-9WPF", "date_of_birth": str(ANA["date_of_birth"])}
    tried = code | {"install": "i" * 16, "device": DEVICE}
    answer(phone.post("enrolment", tried, signed_in=False), 404)
    kept = everything()
    assert any(key.startswith("ticket.") for key, _ in kept)
    for entry in kept:
        assert not found_in(" ".join(entry)), entry


def everything() -> list[tuple[str, str]]:
    """Each key with its value. All of them are strings to Valkey, or this fails."""
    keys = list(valkey().scan_iter())
    values = valkey().mget(keys)
    assert {valkey().type(key) for key in keys} <= {b"string", b"none"}
    return [
        (key.decode(errors="replace"), (value or b"").decode(errors="replace"))
        for key, value in zip(keys, values, strict=True)
    ]
