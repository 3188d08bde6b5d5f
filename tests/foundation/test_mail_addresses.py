"""Addresses: what is taken, how it goes on the wire, and which spellings are one address."""

from __future__ import annotations

import subprocess
import sys
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.mail_addresses import Unusable, compared, parse
from tools.local.data_directory import CHECKOUT


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("ana@example.org", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("Ana.O'Brien+care@BÜCHER.example", "Ana.O'Brien+care@xn--bcher-kva.example"),
        (" ana@example.org\t", "ana@example.org"),
        ("ana@bücher。example", "ana@xn--bcher-kva.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@bu\u0308cher.example", "ana@xn--bcher-kva.example"),
        ("ana@пример.испытание", "ana@xn--e1afmkfd.xn--80akhbyknj4f"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_an_address_goes_on_the_wire_in_ascii(written: str, sent: str) -> None:
    assert parse(written).on_the_wire() == sent
    message = EmailMessage()
    message["To"] = parse(written).on_the_wire()
    assert sent.encode() in bytes(message)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@example",
        "ana@localhost",
        "ana@[127.0.0.1]",
        "ana@127.0.0.1",
        "ana@-example.org",
        "ana@exa_mple.org",
        "ana@example..org",
        "ana@example.org.",
        "ana@xn--.org",
        "ana@xn--0.pt",
        "añá@example.org",
        '"ana b"@example.org',
        "ana b@example.org",
        "ana.@example.org",
        ".ana@example.org",
        "an\0a@example.org",
        "ana\n@example.org",
        "ana@exam\nple.org",
        "ana@example.org\nBcc: x@example.org",
        "a" * 65 + "@example.org",
        "ana@" + "a" * 64 + ".org",
        "ana@" + ".".join(["abcdefgh"] * 30) + ".org",
        "\ud800",
        "ana@\ud800.org",
        "ana@example.org,ben@example.org",
        "Ana <ana@example.org>",
    ],
)
def test_what_no_letter_can_reach_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Unusable, match=r"^[A-Z].*\.$"):
        parse(text)


@pytest.mark.parametrize(
    "spelling",
    [
        "ANA@bücher.example",
        " ana@BÜCHER.EXAMPLE\n",
        "ana@xn--bcher-kva.example",
        "\tana@bücher.example  ",
    ],
)
def test_spellings_of_one_address_are_equal(spelling: str) -> None:
    assert compared(spelling) == compared("ana@bücher.example")


def test_different_addresses_stay_different() -> None:
    texts = ["ana@example.org", "ana@example.com", "anna@example.org", "an.a@example.org", "ana"]
    assert len({compared(text) for text in texts}) == len(texts)


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_strangers_send_can_be_compared_and_stored(text: str) -> None:
    form = compared(text)
    assert "\0" not in form
    form.encode()  # no half of a surrogate pair
    assert form == compared(f" {text}\n")


@given(st.emails(domains=st.sampled_from(["example.org", "BÜCHER.example"])))
def test_the_form_on_the_wire_is_an_address_again(text: str) -> None:
    sent = parse(text)
    assert sent == parse(sent.on_the_wire())
    assert sent.on_the_wire().isascii()


COMPARE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from foundation.mail_addresses import Unusable, compared, tidied
marks = "\u0301" * 200_000 + "\u0323" * 200_000
for text in (marks, f"a{marks}@example.org", f"a@b{marks}.org", f"a@{marks}", f"{marks} a@b.org"):
    assert len(compared(text)) < 9_999
    try:
        tidied(text)
    except Unusable:
        continue
    raise AssertionError(text[:20])
"""


def test_no_text_takes_long_to_compare() -> None:
    """The marks would take minutes. The process is killed after twenty seconds of processor."""
    subprocess.run([sys.executable, "-c", COMPARE], check=True, cwd=CHECKOUT)


def test_blanks_around_an_address_may_be_many() -> None:
    blanks = " \t\u00a0\u2003" * 9_999
    assert compared(f"{blanks}Ana@Example.org{blanks}") == "ana@example.org"
