"""The bearer token for the push service."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
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
RENEWED_BEFORE = timedelta(minutes=4)

log = structlog.get_logger()


class NoToken(Exception):
    """No bearer token could be fetched. `verdict`: the result for the pushes that needed it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class Misconfigured(Exception):
    """The settings for sending pushes or e-mails are missing or unusable."""


class AccessToken:
    """The token of a service account. It is fetched on first use and renewed minutes before it
    expires. Callers that need it meanwhile wait for one renewal, and share its failure: if each
    tried for itself, the last of a batch would outlive its lease."""

    def __init__(self, account: credentials.Certificate) -> None:
        self.project_id: str = account.project_id
        self._credential = account.get_credential()
        self._renewal: asyncio.Task[str | Verdict] | None = None
        # By the monotonic clock. When the machine's clock jumps ahead, a new token could not be
        # had, because its request would be dated in the future, and this one still works.
        self._renew_at = 0.0
        self._http = partial(Request(), timeout=TIMEOUT)

    async def value(self) -> str:
        """Raises NoToken if the account was refused or the server cannot be reached."""
        if not self._credential.token or time.monotonic() >= self._renew_at:
            if self._renewal is None:
                self._renewal = asyncio.create_task(self._renew())
            # A caller whose time is up must not cancel it for the others.
            token = await asyncio.shield(self._renewal)
            if isinstance(token, Verdict):
                raise NoToken(token)
            return token
        return str(self._credential.token)

    def forget(self) -> None:
        """The service refused this token: fetch another next time."""
        self._credential.token = None

    async def _renew(self) -> str | Verdict:
        """The new token, or why there is none."""
        try:
            # In a thread, because Google's library blocks. Less than a push may take, so that the
            # push that began this learns how it ended.
            refreshing = asyncio.to_thread(self._credential.refresh, self._http)
            await asyncio.wait_for(refreshing, TIMEOUT + 2)
        except (exceptions.TransportError, TimeoutError):
            return UNREACHABLE
        except exceptions.RefreshError as error:
            return UNREACHABLE if error.retryable else Verdict(Means.REFUSED, "credential_refused")
        finally:
            self._renewal = None
        lasts = self._credential.expiry - datetime.now(UTC).replace(tzinfo=None)
        self._renew_at = time.monotonic() + (lasts - RENEWED_BEFORE).total_seconds()
        return str(self._credential.token)


async def service_account() -> credentials.Certificate:
    """The account of FCM_CREDENTIALS. If that is not set, the account of the simulator at
    FCM_ENDPOINT. Raises Misconfigured if neither is available."""
    path = settings.FCM_CREDENTIALS
    if not path and settings.FCM_ENDPOINT == GOOGLE:
        raise Misconfigured("Set FCM_CREDENTIALS to the path of a service account file.")
    try:
        return credentials.Certificate(path or await _simulator_account())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"FCM_CREDENTIALS cannot be used: {error}") from None


async def _simulator_account() -> dict[str, Any]:
    """Waits up to 30 seconds, because pump and simulator start at the same time."""
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
