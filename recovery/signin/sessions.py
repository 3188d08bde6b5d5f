"""Start a device session for a user who has just proved their identity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from recovery.actions import Call, perform
from recovery.signin.models import User


def start(
    user: User, *, device: dict[str, Any], install: str, methods: Iterable[str], now: datetime
) -> dict[str, str]:
    """Sign `user` in. `device`: see `actions.inputs.Device`. Raises Invalid.

    Returns user, session, access_token, access_expires_at and refresh_token.
    """
    data = {"install": install, "device": device, "methods": list(methods)}
    outcome = perform("people.sign_in", data=data, call=Call(actor=user, now=now))
    return dict(outcome.once or {})
