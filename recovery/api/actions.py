"""One URL for each action, generated from the registry, with its OpenAPI operation."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.problems import KeyRequired, KeyReused, NotReady, Problem
from recovery.actions.ledger import BEGIN_OF_WHO
from recovery.actions.perform import perform_for
from recovery.actions.receipts import Outcome
from recovery.actions.registry import ACTIONS, Action, Call
from recovery.actions.rules import only_system
from recovery.api import allowances
from recovery.api.problems import PROBLEMS
from recovery.signin.authentication import Also, authenticate
from recovery.signin.rules import proved_just_now

KEY = OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER, required=True)

# Asked for by jobs and by the sign-in ceremony; no request could be allowed them.
INTERNAL = (only_system, proved_just_now)
# Answers that are not stored: the action's transaction was rolled back and no other followed.
NOT_STORED = (KeyReused, NotReady)


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
        """Left to the action's own first statement."""

    def check_permissions(self, request: Request) -> None:
        """Likewise: only somebody signed in gets past that statement."""

    def answer(self, request: Request) -> Response:
        key, data = _asked(request)
        try:
            outcome = perform_for(partial(_who, request, key), self.action.name, data=data)
        except NOT_STORED:
            authenticate(request)  # that the tokens have arrived was rolled back with it
            raise
        return _answered(outcome)


def _who(request: Request, key: uuid.UUID) -> tuple[Call, tuple[Any, ...]]:
    """Who asks, and what came of beginning in the same statement."""
    begun = Also(BEGIN_OF_WHO, [key])
    user = authenticate(request, also=begun)
    return Call(user, timezone.now(), key, session_id=user.session_id), begun.row


def _answered(outcome: Outcome) -> Response:
    told: dict[str, Any] = {"status": outcome.status, "at": outcome.at}
    told |= {"data": outcome.data, "once": outcome.once, "dup": outcome.dup}
    answer = {name: value for name, value in told.items() if value or name == "at"}
    return Response(answer, headers={"Cache-Control": "no-store"})


def _asked(request: Request) -> tuple[uuid.UUID, Any]:
    """The key and the input. What is wrong with a request is told to no stranger."""
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
