"""The bearer token by which the push service knows us."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import aiohttp
import structlog
from django.conf import settings
from firebase_admin import credentials
from google.auth import exceptions
from google.auth.transport.requests import Request

from notifications.transports.answers import UNREACHABLE, Means, Verdict

GOOGLE = "https://fcm.googleapis.com"
SIMULATOR_KEY_PATH = "/simulator/credentials.json"
TIMEOUT = 5

log = structlog.get_logger()


class NoToken(Exception):
    """There is no bearer token to send with; `verdict` says what must follow."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class Misconfigured(Exception):
    """The settings name no usable service account."""


class AccessToken:
    """A service account's token: fetched when it is first needed, renewed minutes before its
    end, by one caller at a time while the others wait for the same answer."""

    def __init__(self, account: credentials.Certificate) -> None:
        self.project_id: str = account.project_id
        self._credential = account.get_credential()
        self._renewal = asyncio.Lock()
        self._http = partial(Request(), timeout=TIMEOUT)

    async def value(self) -> str:
        """The token. NoToken: the account was refused, or its server cannot be reached."""
        if not self._credential.valid:
            async with self._renewal:
                if not self._credential.valid:
                    await self._renew()
        return str(self._credential.token)

    def forget(self) -> None:
        """Fetch a new one next time: this one was refused."""
        self._credential.token = None

    async def _renew(self) -> None:
        """In a thread: Google's library blocks."""
        try:
            await asyncio.wait_for(
                asyncio.to_thread(self._credential.refresh, self._http), 2 * TIMEOUT
            )
        except (exceptions.TransportError, TimeoutError):
            raise NoToken(UNREACHABLE) from None
        except exceptions.RefreshError as error:
            refused = Verdict(Means.REFUSED, "credential_refused")
            raise NoToken(UNREACHABLE if error.retryable else refused) from None


async def service_account() -> credentials.Certificate:
    """The account of FCM_CREDENTIALS; without it, the one that the simulator at FCM_ENDPOINT
    gives away. Misconfigured: neither is to be had."""
    path = settings.FCM_CREDENTIALS
    if not path and settings.FCM_ENDPOINT == GOOGLE:
        raise Misconfigured("Set FCM_CREDENTIALS to a service account's file.")
    try:
        return credentials.Certificate(path or await _of_simulator())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"FCM_CREDENTIALS cannot be used: {error}") from None


async def _of_simulator() -> dict[str, Any]:
    """Its key, waiting a little: both are started side by side."""
    url = settings.FCM_ENDPOINT + SIMULATOR_KEY_PATH
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
        for _ in range(60):
            try:
                async with session.get(url) as answer:
                    return dict(await answer.json())
            except (aiohttp.ClientError, TimeoutError, ValueError):
                log.info("fcm.waiting_for_simulator")
                await asyncio.sleep(0.5)
    raise Misconfigured(f"No FCM simulator answers at {settings.FCM_ENDPOINT}.")
