"""One URL for each action, generated from the registry, with its OpenAPI operation."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.problems import KeyRequired, NotStored, Problem
from recovery.actions.ledger import Begun, answered_before
from recovery.actions.perform import trials
from recovery.actions.receipts import Outcome, fingerprint
from recovery.actions.registry import ACTIONS, Action, Call
from recovery.actions.request import Request as ActionRequest
from recovery.actions.rules import only_system
from recovery.api import allowances
from recovery.api.problems import PROBLEMS
from recovery.signin.authentication import (
    Session,
    admit,
    authenticate,
    bearer_hash,
    strangers_limited,
)
from recovery.signin.rules import proved_just_now

KEY = OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER, required=True)

# Asked for by jobs and by the sign-in ceremony; no request could be allowed them.
INTERNAL = (only_system, proved_just_now)
BEGIN = "SELECT * FROM begin_action_by_token(%s, %s, %s)"
NOTHING = Begun(None, None, None, None, None, None)


class Applied(serializers.Serializer[Any]):
    """What an action answers."""

    status = serializers.ChoiceField(["applied"])
    at = serializers.ListField(help_text="[scope, seq] of each scope that changed")
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # the name on the wire
    once = serializers.DictField(required=False, help_text="told only this once")
    dup = serializers.BooleanField(required=False, help_text="it had been done before")


class ActionView(APIView):
    """POST an action's input; the header `Idempotency-Key` makes asking again harmless."""

    action: Action
    limits = allowances.ACTIONS
    http_method_names = ["post"]

    def perform_authentication(self, request: Request) -> None:
        """Left to the statement that begins the action."""

    def check_permissions(self, request: Request) -> None:
        """Likewise: only a signed-in person gets past that statement."""

    def answer(self, request: Request) -> Response:
        key, data = _key_and_input(request)
        try:
            outcome = _perform(request, self.action.name, key, data)
        except NotStored:
            authenticate(request)  # that the tokens have arrived was rolled back with it
            raise
        return _answered(outcome)


def _perform(request: Request, name: str, key: uuid.UUID, data: Any) -> Outcome:
    """`perform`, in the transaction that finds out who asks. Raises what `admit` raises, too."""
    now = timezone.now()
    print_ = fingerprint(name, data)
    with strangers_limited(request, now):
        token_hash = bearer_hash(request)
        for trial in trials():
            with trial.transaction():
                session, begun = _begin(token_hash, now, key)
                user = admit(request, session, now)
                call = Call(user, now, key, session_id=user.session_id)
                asked = ActionRequest(name, data, call, None, print_)
                trial.finish(asked, answered_before(asked, begun))
    return trial.outcome.raised()


def _begin(token_hash: bytes, now: datetime, key: uuid.UUID) -> tuple[Session | None, Begun]:
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [token_hash, now, key])
        row = cursor.fetchone()
    columns = len(Session._fields)
    return (Session(*row[:columns]), Begun(*row[columns:])) if row else (None, NOTHING)


def _answered(outcome: Outcome) -> Response:
    members = {"data": outcome.data, "once": outcome.once, "dup": outcome.dup}
    sent = {name: value for name, value in members.items() if value}
    return Response(
        {"status": outcome.status, "at": outcome.at, **sent}, headers={"Cache-Control": "no-store"}
    )


def _key_and_input(request: Request) -> tuple[uuid.UUID, Any]:
    """A stranger does not learn what is wrong with a request."""
    try:
        return _key(request), request.data
    except (Problem, APIException, RequestDataTooBig):
        authenticate(request)
        raise


def _key(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise KeyRequired from None


def urls() -> list[URLResolver]:
    """`actions/<domain>.<verb_noun>` for every action that people may ask for.

    By domain, for Django tries the patterns one by one.
    """
    domains: dict[str, list[URLPattern]] = {}
    for name, action in sorted(ACTIONS.items()):
        if action.allow not in INTERNAL:
            domain, verb_noun = name.split(".")
            domains.setdefault(domain, []).append(path(verb_noun, _view(action)))
    return [path(f"actions/{domain}.", include(paths)) for domain, paths in domains.items()]


def _view(action: Action) -> Any:
    """A view class of the action's own, so that it has an operation of its own."""
    name = "".join(part.title() for part in action.name.replace(".", "_").split("_"))

    @extend_schema(
        operation_id=action.name,
        description=(action.run.__doc__ or "").strip(),
        tags=[action.name.partition(".")[0]],
        request=type(f"{name}Input", (action.input,), {}),
        parameters=[KEY],
        responses={200: Applied, **PROBLEMS},
    )
    def post(self: ActionView, request: Request) -> Response:
        return self.answer(request)

    view: type[ActionView] = type(name, (ActionView,), {"action": action, "post": post})
    return view.as_view()
