"""The AsyncAPI document says what the code does."""

import json
import re

import pytest
import yaml
from django.test import Client
from uuid_utils.compat import uuid7

from recovery.live import messages
from recovery.live.close_codes import CloseCode, SocketClosed
from tests.live.description import DOCUMENT, SAID, TOLD, messages_of, resolved
from tools.local.data_directory import CHECKOUT


def test_the_messages_have_the_names_of_the_code() -> None:
    assert set(SAID) == set(messages.PARSERS)
    assert set(TOLD) == set(messages.TO_PHONE)
    assert len(messages_of("tell")) == len(TOLD)


def test_every_close_code_is_described() -> None:
    codes = DOCUMENT["channels"]["live"]["x-close-codes"]
    assert {int(code): said["name"] for code, said in codes.items()} == {
        int(code): code.name.lower() for code in CloseCode
    }


def test_every_reference_leads_somewhere() -> None:
    text = (CHECKOUT / "docs" / "asyncapi.yaml").read_text()
    for reference in re.findall(r'\$ref: "([^"]+)"', text):
        assert resolved(reference)
    listed = {message["$ref"] for message in DOCUMENT["channels"]["live"]["messages"].values()}
    assert listed == {
        f"#/components/messages/{name}" for name in DOCUMENT["components"]["messages"]
    }


@pytest.mark.parametrize(
    "said",
    [
        {"t": "hello", "client_id": str(uuid7())},
        {"t": "hello", "client_id": str(uuid7()), "ticket": "abc"},
        {"t": "token", "token": "hra_" + "x" * 43},
        {"t": "token", "ticket": "abc"},
        {"t": "e", "s": f"group:{uuid7()}", "k": "typing"},
        {"t": "e", "s": f"pair:{uuid7()}", "k": "typing"},
    ],
)
def test_what_the_document_allows_is_understood(said: dict[str, str]) -> None:
    SAID[said["t"]].validate(said)
    assert messages.parse({"text": json.dumps(said)})


@pytest.mark.parametrize(
    "said", [{"t": "hello"}, {"t": "hello", "client_id": 7}, {"t": "e", "k": "x"}]
)
def test_what_the_document_forbids_is_refused(said: dict[str, str]) -> None:
    assert not SAID[said["t"]].is_valid(said)
    with pytest.raises(SocketClosed):
        messages.parse({"text": json.dumps(said)})


def test_the_document_is_served() -> None:
    answer = Client().get("/api/asyncapi")
    assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert yaml.safe_load(answer.content) == DOCUMENT
    assert Client().post("/api/asyncapi").status_code == 405
