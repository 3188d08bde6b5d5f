"""Views whose credential is in the body, or that check the bearer by themselves."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from recovery.actions import ActionInput

NO_STORE = {"Cache-Control": "no-store"}


class OpenView(APIView):
    """Open to everybody as far as DRF is concerned."""

    authentication_classes = ()
    permission_classes = ()


def checked(request: Request, kind: type[ActionInput]) -> dict[str, Any]:
    """The body as `kind`. ValidationError otherwise."""
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
