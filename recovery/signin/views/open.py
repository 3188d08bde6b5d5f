"""Views with a credential in the body, or that check the bearer token themselves."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from recovery.actions import ActionInput


class OpenView(APIView):
    """DRF lets everyone in."""

    authentication_classes = ()
    permission_classes = ()


def checked(request: Request, kind: type[ActionInput]) -> dict[str, Any]:
    """The validated body. Raises ValidationError."""
    serializer = kind(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
