"""A phone that registers and pulls, without HTTP."""

from __future__ import annotations

import json
import uuid
from typing import Any

from recovery.api.sync import clients
from recovery.feed.pull import Question, read
from tests.factories.people import NOW


def first_pull(user: Any) -> dict[str, dict[str, Any]]:
    """What a new phone of `user` receives, by the name of the scope."""
    install = {"install": "a new phone", "platform": "android", "app": "1.0.0", "schema": 1}
    client_id = uuid.UUID(clients.register(user, install, NOW)["client_id"])
    page = read(user.id, client_id, Question("", {}, 1, 500, {}))
    assert page is not None
    return {scope["scope"]: scope for scope in json.loads(f"[{page.scopes}]")}
