"""The AsyncAPI document matches the code."""

import json
import re

import pytest
import yaml
from django.test import Client
from uuid_utils.compat import uuid7

from recovery.live import messages
from recovery.live.close_codes import CloseCode, SocketClosed
from tests.live.description import DOCUMENT, FROM_PHONE, TO_PHONE, messages_of, resolved
from tools.local.data_directory import CHECKOUT


def test_the_messages_are_named_as_in_the_code() -> None:
    assert set(FROM_PHONE) == set(messages.PARSERS)
    assert set(TO_PHONE) == set(messages.TO_PHONE)
    assert len(messages_of("tell")) == len(TO_PHONE)


def test_every_close_code_is_described() -> None:
    codes = DOCUMENT["channels"]["live"]["x-close-codes"]
    assert {int(code): description["name"] for code, description in codes.items()} == {
        int(code): code.name.lower() for code in CloseCode
    }


def test_every_reference_resolves() -> None:
    text = (CHECKOUT / "docs" / "asyncapi.yaml").read_text()
    for reference in re.findall(r'\$ref: "([^"]+)"', text):
        assert resolved(reference)
    listed = {message["$ref"] for message in DOCUMENT["channels"]["live"]["messages"].values()}
    assert listed == {
        f"#/components/messages/{name}" for name in DOCUMENT["components"]["messages"]
    }


@pytest.mark.parametrize(
    "message",
    [
        {"t": "hello", "client_id": str(uuid7())},
        {"t": "hello", "client_id": str(uuid7()), "ticket": "abc"},
        {"t": "token", "token": "hra_" + "x" * 43},
        {"t": "token", "ticket": "abc"},
        {"t": "e", "s": f"group:{uuid7()}", "k": "typing"},
        {"t": "e", "s": f"pair:{uuid7()}", "k": "typing"},
    ],
)
def test_a_documented_message_is_parsed(message: dict[str, str]) -> None:
    FROM_PHONE[message["t"]].validate(message)
    assert messages.parse({"text": json.dumps(message)})


@pytest.mark.parametrize(
    "message", [{"t": "hello"}, {"t": "hello", "client_id": 7}, {"t": "e", "k": "x"}]
)
def test_an_undocumented_message_is_refused(message: dict[str, str]) -> None:
    assert not FROM_PHONE[message["t"]].is_valid(message)
    with pytest.raises(SocketClosed):
        messages.parse({"text": json.dumps(message)})


def test_the_document_is_served() -> None:
    answer = Client().get("/api/asyncapi")
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert yaml.safe_load(answer.content) == DOCUMENT
    assert Client().post("/api/asyncapi").status_code == 405
