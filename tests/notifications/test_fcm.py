"""Each attempt is exactly one request."""

from __future__ import annotations

import asyncio
import socket
import warnings
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from firebase_admin import credentials
from pytest_django import Settings

from notifications.fcm_simulator.answers import Answer
from notifications.transports.answers import Means, Verdict
from notifications.transports.credentials import AccessToken, Misconfigured, service_account
from notifications.transports.fcm import Fcm
from tests.notifications.running import PATIENT, RunningSimulator, deadline_for
from tools.local.data_directory import free_port

DEVICE = "device:0123456789"
BODY = b'{"message": {"token": "device:0123456789", "data": {"v": "1", "k": "sync"}}}'


def send(
    fcm: RunningSimulator, times: int = 1, *, endpoint: str = "", deadline: float = PATIENT
) -> list[Verdict]:
    async def work() -> list[Verdict]:
        async with Fcm(endpoint or fcm.endpoint, fcm.account(), deadline=deadline) as transport:
            return [await transport.send(BODY) for _ in range(times)]

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("answer", "means", "reason"),
    [
        (Answer("unregistered"), Means.GONE, "unregistered"),
        (Answer("invalid_registration"), Means.GONE, "invalid_registration"),
        (Answer("invalid_token_field"), Means.GONE, "invalid_registration"),
        (Answer("invalid_field"), Means.OUR_FAULT, "invalid_request"),
        (Answer("sender_id_mismatch"), Means.MISMATCH, "sender_id_mismatch"),
        (Answer("quota"), Means.PAUSE_ALL, "quota_exceeded"),
        (Answer("internal"), Means.TRY_LATER, "internal"),
        (Answer("unavailable"), Means.TRY_LATER, "unavailable"),
        (Answer("third_party_auth_error"), Means.PAUSE_PLATFORM, "third_party_auth_error"),
        (Answer("unauthenticated"), Means.REFUSED, "unauthenticated"),
        (Answer("permission_denied"), Means.REFUSED, "permission_denied"),
        (Answer("slow", seconds=30), Means.TRY_LATER, "timeout"),
        (Answer("reset"), Means.TRY_LATER, "unreachable"),
        (Answer("lost"), Means.TRY_LATER, "unreachable"),
    ],
)
def test_each_answer_is_one_request_and_one_verdict(
    fcm: RunningSimulator, answer: Answer, means: Means, reason: str
) -> None:
    fcm.answers(DEVICE, answer)
    assert send(fcm, deadline=deadline_for(answer)) == [Verdict(means, reason)]
    assert [request["answer"] for request in fcm.requests(DEVICE)] == [answer.kind]


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_parsed(fcm: RunningSimulator, as_date: bool) -> None:
    fcm.answers(DEVICE, Answer("unavailable", retry_after=30, as_date=as_date))
    [verdict] = send(fcm)
    assert verdict.wait is not None
    assert 28 <= verdict.wait <= 30


def test_a_message_that_is_accepted_has_an_id(fcm: RunningSimulator) -> None:
    first, second = send(fcm, 2)
    assert first.means is second.means is Means.SENT
    assert first.fcm_id.startswith("projects/")
    assert first.fcm_id != second.fcm_id


def test_an_unreachable_server(fcm: RunningSimulator) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert send(fcm, endpoint=nowhere) == [Verdict(Means.TRY_LATER, "unreachable")]


def test_a_refused_account_is_not_the_phones_fault(fcm: RunningSimulator) -> None:
    fcm.inside.authority.refusing = True
    assert send(fcm) == [Verdict(Means.REFUSED, "credential_refused")]
    assert fcm.requests(DEVICE) == []


def test_concurrent_sends_share_one_refusal(fcm: RunningSimulator) -> None:
    fcm.inside.authority.refusing = True
    before = fcm.inside.authority.requests

    async def work() -> list[Verdict]:
        async with Fcm(fcm.endpoint, fcm.account()) as transport:
            return await asyncio.gather(*(transport.send(BODY) for _ in range(20)))

    assert asyncio.run(work()) == [Verdict(Means.REFUSED, "credential_refused")] * 20
    assert fcm.inside.authority.requests == before + 1


def test_the_deadline_includes_the_time_to_get_a_token(fcm: RunningSimulator) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    account = fcm.inside.authority.credentials()
    account["token_uri"] = f"http://127.0.0.1:{silent.getsockname()[1]}/token"

    async def work() -> Verdict:
        token = AccessToken(credentials.Certificate(account))
        with silent:
            async with Fcm(fcm.endpoint, token, deadline=0.2) as transport:
                return await transport.send(BODY)

    assert asyncio.run(work()) == Verdict(Means.TRY_LATER, "timeout")


def test_a_revoked_token_is_replaced_after_one_refusal(fcm: RunningSimulator) -> None:
    async def work() -> list[Means]:
        async with Fcm(fcm.endpoint, fcm.account()) as transport:
            seen = [await transport.send(BODY)]
            fcm.inside.authority.revoke()
            seen += [await transport.send(BODY) for _ in range(2)]
            return [verdict.means for verdict in seen]

    assert asyncio.run(work()) == [Means.SENT, Means.REFUSED, Means.SENT]


def test_a_token_is_kept_when_the_clock_jumps_ahead(fcm: RunningSimulator) -> None:
    async def work() -> list[Means]:
        async with Fcm(fcm.endpoint, fcm.account()) as transport:
            seen = [await transport.send(BODY)]
            # Not an hour, because the simulator has the same clock here.
            with time_machine.travel(timezone.now() + timedelta(minutes=58), tick=True):
                seen.append(await transport.send(BODY))
            return [verdict.means for verdict in seen]

    before = fcm.inside.authority.requests
    assert asyncio.run(work()) == [Means.SENT, Means.SENT]
    assert fcm.inside.authority.requests == before + 1


def test_concurrent_sends_request_one_token(fcm: RunningSimulator) -> None:
    async def work() -> None:
        async with Fcm(fcm.endpoint, fcm.account()) as transport:
            await asyncio.gather(*(transport.send(BODY) for _ in range(50)))

    asyncio.run(work())
    assert len(fcm.accepted(DEVICE)) == 50
    assert len(fcm.inside.authority._valid_until) == 1


def test_without_credentials_the_simulator_provides_them(
    fcm: RunningSimulator, settings: Settings
) -> None:
    settings.FCM_CREDENTIALS, settings.FCM_ENDPOINT = "", fcm.endpoint
    assert asyncio.run(service_account()).project_id == "handrail-local"


@pytest.mark.parametrize("path", ["", "/nowhere/account.json", __file__])
def test_an_unusable_account_is_reported_in_a_sentence(settings: Settings, path: str) -> None:
    settings.FCM_CREDENTIALS, settings.FCM_ENDPOINT = path, "https://fcm.googleapis.com"
    with warnings.catch_warnings(), pytest.raises(Misconfigured, match="FCM_CREDENTIALS"):
        asyncio.run(service_account())
