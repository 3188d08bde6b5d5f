"""The wrapper around every allauth view: limits first, then one transaction per request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.constants import Client
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers

from foundation.bodies import json_object
from foundation.mail_addresses import compared
from recovery.limits.consume import consume, count
from recovery.limits.limit import Use, limited
from recovery.limits.network import networks
from recovery.signin import allowances
from recovery.signin.actions.inputs import Device, as_sent
from recovery.signin.authentication import strangers_limited
from recovery.signin.ceremony.answers import as_problem
from recovery.signin.ceremony.installs import is_known_install
from recovery.signin.ceremony.store import SessionStore

View = Callable[..., HttpResponse]
MAX_BYTES = 64 * 1024
LONGEST_INSTALL = 200
# allauth's answers to a wrong code, factor or ceremony. Its 401 is how a ceremony goes on.
FAILED = (400, 409, 410)


class InstalledApp(serializers.Serializer[Any]):
    """The app in which the user signs in."""

    install = serializers.CharField(min_length=16, max_length=LONGEST_INSTALL)
    device = Device()


def entry(view: Any, *, sends_code: bool = False, signs_in: bool = False) -> View:
    """Wrap an allauth view. `sends_code`: to an address in the body. `signs_in`: it may start a
    device session, so the body must name the app.

    The ceremony's row stays locked for the whole transaction, so that a code is accepted once.
    """
    inner = view.as_api_view(client=Client.APP)

    def answer(request: HttpRequest, now: datetime) -> HttpResponse:
        uses = () if sends_code else _proof_uses(request)
        consume(*uses, now=now)
        body = json_object(request, MAX_BYTES)
        if sends_code:
            uses = _count_code(request, body, now)
        # Given back once the ceremony ends in a sign-in: see `tokens`.
        request.counted = [use.key for use in uses]  # type: ignore[attr-defined]
        if signs_in and request.method == "POST":
            app = InstalledApp(data=body)
            app.is_valid(raise_exception=True)
            # `sign_in` validates it again.
            request.installed_app = {  # type: ignore[attr-defined]
                "install": app.validated_data["install"],
                "device": as_sent(app.validated_data["device"]),
            }
        try:
            with transaction.atomic():
                response: HttpResponse = inner(request)
                if hasattr(request, "finished"):
                    request.finished.flush()
        except ImmediateHttpResponse as early:  # there is no such ceremony
            response = early.response
        return response

    @limited(allowances.CODES if sends_code else allowances.PROOFS)
    # No cookie authenticates anyone, so there is nothing that another site could forge.
    @csrf_exempt
    def enter(request: HttpRequest) -> HttpResponse:
        # allauth replaces these from the ceremony's token. Cookies and middleware are not used.
        request.session, request.user = SessionStore(), AnonymousUser()
        now = timezone.now()
        with strangers_limited(request, now):
            response = answer(request, now)
        if not sends_code and response.status_code in FAILED:
            # After the transaction, which keeps the ceremony's own count of wrong codes.
            count(allowances.PROOFS_FAILED)
            consume(*allowances.PROOF_FAILED.uses(networks(request)), now=now)
        return as_problem(response)

    return enter


def _proof_uses(request: HttpRequest) -> tuple[Use, ...]:
    """Without a token, all that a request can do is to begin a ceremony. One with a token is
    counted once the token has been found (see `tokens`), so that made-up ones leave no counters."""
    if request.headers.get("X-Session-Token") or request.headers.get("Authorization"):
        return ()
    return allowances.PROOF_BEGUN.uses(networks(request))


def _count_code(request: HttpRequest, body: dict[str, Any], now: datetime) -> tuple[Use, ...]:
    """Count a request for a code, by the phone if it has signed in before, else by address and
    network. Returns what was counted. Raises SlowDown.

    `install` in the body is optional.
    """
    address, install = compared(str(body.get("email"))), body.get("install")
    is_sent = isinstance(install, str) and 0 < len(install) <= LONGEST_INSTALL
    if is_sent and is_known_install(address, str(install)):
        own = Use(allowances.CODE_INSTALL, f"{address} {install}")
        consume(own, now=now)
        return (own,)
    where = networks(request)
    count(allowances.CODES_TO_ALL)
    # The network first: once it is refused, further addresses make no counters.
    of_network = allowances.CODE_NETWORK.uses(where)
    consume(*of_network, now=now)
    is_busy = count(allowances.CODES_TO_ONE, address) > allowances.CODES_TO_ONE.most
    to_one = allowances.CODE_ADDRESS_BUSY if is_busy else allowances.CODE_ADDRESS
    of_address = (
        *to_one.uses(where, address),
        *allowances.CODE_ADDRESS_DAY.uses(where, address),
    )
    consume(*of_address, now=now)
    return (*of_network, *of_address)
