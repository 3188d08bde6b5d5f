"""The wrapper around every allauth view: limits first, then one transaction per request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from allauth.headless.constants import Client
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers

from foundation.bodies import json_object
from recovery.limits.consume import consume
from recovery.limits.limit import Use, limited
from recovery.limits.network import network
from recovery.signin import allowances
from recovery.signin.actions.inputs import Device, as_sent
from recovery.signin.ceremony.store import SessionStore

View = Callable[..., HttpResponse]
MAX_BYTES = 64 * 1024


class InstalledApp(serializers.Serializer[Any]):
    """The app in which the user signs in."""

    install = serializers.CharField(min_length=16, max_length=200)
    device = Device()


def entry(view: Any, *, sends_code: bool = False, signs_in: bool = False) -> View:
    """Wrap an allauth view. `sends_code`: to an address in the body. `signs_in`: it may start a
    device session, so the body must name the app.

    The ceremony's row stays locked for the whole transaction, so that a code is accepted once.
    """
    inner = view.as_api_view(client=Client.APP)

    @limited(allowances.CODES if sends_code else allowances.PROOFS)
    # No cookie authenticates anyone, so there is nothing that another site could forge.
    @csrf_exempt
    def enter(request: HttpRequest) -> HttpResponse:
        # allauth replaces these from the ceremony's token. Cookies and middleware are not used.
        request.session, request.user = SessionStore(), AnonymousUser()
        body = json_object(request, MAX_BYTES)
        consume(*_uses(request, body if sends_code else None), now=timezone.now())
        if signs_in and request.method == "POST":
            app = InstalledApp(data=body)
            app.is_valid(raise_exception=True)
            # `sign_in` validates it again.
            request.installed_app = {  # type: ignore[attr-defined]
                "install": app.validated_data["install"],
                "device": as_sent(app.validated_data["device"]),
            }
        with transaction.atomic():
            response: HttpResponse = inner(request)
            if hasattr(request, "finished"):
                request.finished.flush()
        return response

    return enter


def _uses(request: HttpRequest, code_request: dict[str, Any] | None) -> list[Use]:
    if code_request is None:
        token = request.headers.get("X-Session-Token") or request.headers.get("Authorization", "")
        key = hashlib.sha256(token.encode()).hexdigest() if token else network(request)
        return [
            Use(allowances.PROOF_CEREMONY, key),
            Use(allowances.PROOF_NETWORK, network(request)),
        ]
    address = str(code_request.get("email")).lower()
    return [
        Use(allowances.CODE_ADDRESS, address),
        Use(allowances.CODE_ADDRESS_DAY, address),
        Use(allowances.CODE_NETWORK, network(request)),
        Use(allowances.CODE_ALL),
    ]
