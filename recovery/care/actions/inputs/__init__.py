"""Fields that several actions of this domain take."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from foundation.problems import NotFound
from recovery.actions.fields import Text
from recovery.care.models import Programme
from recovery.feed.models import Membership, Scope
from recovery.feed.scopes import scope_id

HOURS_AND_MINUTES = re.compile(r"[0-9]{1,2}:[0-9]{2}")


class ProgrammeField(serializers.UUIDField):
    """A programme by its id."""

    def to_internal_value(self, data: Any) -> Any:
        programme = Programme.objects.filter(id=super().to_internal_value(data)).first()
        if programme is None:
            raise NotFound
        return programme


class ScopeField(Text):
    """A scope by its name, e.g. "group:<id>". The actor is a member and its kind is in `kinds`."""

    def __init__(self, *kinds: str, **options: Any) -> None:
        super().__init__(**options)
        self.kinds = kinds

    def to_internal_value(self, data: Any) -> Any:
        name = super().to_internal_value(data)
        try:
            id_ = scope_id(name)
        except ValueError:
            raise NotFound from None
        mine = Membership.scopes_of(self.context["actor"].id)
        scopes = Scope.objects.filter(id__any=mine, id=id_, kind__in=self.kinds, is_open=True)
        scope = scopes.first()
        if scope is None:
            raise NotFound
        return scope


class WallTime(serializers.TimeField):
    """A local time in whole minutes, "HH:MM"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%H:%M"], format="%H:%M", **options)

    def to_internal_value(self, value: Any) -> Any:
        # "%H:%M" also reads 7:3, which may be 07:03 or 07:30.
        if not isinstance(value, str) or not HOURS_AND_MINUTES.fullmatch(value):
            self.fail("invalid", format="hh:mm")
        return super().to_internal_value(value)
