"""Inputs by which people report about themselves: what they wrote arrives whatever else is wrong.

A phone may have queued a report for weeks, with a wrong clock, an older app or a newer one. Each
field of a SelfReport is therefore declared as one of three things. Only what the report is `about`
can be refused. What the app filled in (`by_app`), and fields that do not exist here, are put aside
if they cannot be read. So are single answers of the person (`own`), while the others are kept. What
was put aside is kept as it was sent, in `call.unread`, and the handler saves it with the report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from rest_framework import serializers
from rest_framework.fields import SkipField, empty

from foundation.problems import NotFound
from foundation.text import storable
from recovery.actions.fields import Text
from recovery.actions.inputs import ActionInput, is_shallow
from recovery.feed.models import FeedEntry

if TYPE_CHECKING:
    from recovery.actions.registry import Call

LARGEST = 64 * 1024  # characters of JSON that are kept of what was put aside
# What a push says of the phone's clock, beside the fields of the input.
CLOCK_FIELDS = ("client_time", "offset_ms")
CLOCK_TOLERANCE = timedelta(hours=1)


class Partly(serializers.ValidationError):
    """The field can use `value`; what was sent is kept beside it."""

    def __init__(self, value: Any) -> None:
        super().__init__("Read in part.")
        self.value = value


class Choice(serializers.ChoiceField):
    """One of `choices`, or the code of one that only a newer app knows. The first if it is none."""

    CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices, default=choices[0])

    def run_validation(self, data: Any = empty) -> Any:
        if data is empty:
            raise Partly(self.default)
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not self.CODE.fullmatch(data):
            raise Partly(self.default)
        if data not in self.choices:
            raise Partly(data)
        return data


class SelfReport(ActionInput):
    """`shared`: others than the care team read the report, so of unknown fields only the name is
    kept, not the content. The context holds `unread`."""

    about: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    by_app: tuple[str, ...] = ()
    shared = False
    takes_deep = True

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        self._request()["sent"] = data
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for field in self._writable_fields:
            try:
                values |= self._taken(field, data)
            except serializers.ValidationError as error:
                errors[str(field.field_name)] = error.detail
        for name in data.keys() - self.fields.keys():
            self.put_aside(name)
        if errors:
            raise serializers.ValidationError(errors)
        return values

    def _taken(self, field: Any, data: Mapping[str, Any]) -> dict[str, Any]:
        """The field's value by its name. Raises what it raises only if nothing is left without."""
        name = str(field.field_name)
        try:
            return {name: self._read(field, data)}
        except SkipField:
            return {}
        except Partly as partly:
            self.put_aside(name)
            return {name: partly.value}
        except (serializers.ValidationError, NotFound):
            if name in self.about or (name in self.own and field.required):
                raise
            self.put_aside(name)
            return {} if field.default is empty else {name: field.get_default()}

    def put_aside(self, name: str, part: Any = None) -> None:
        """Keep what was sent as `name`, or only a part of it, as something that was not read."""
        unread = self._request().setdefault("unread", {})
        sent = self._request()["sent"].get(name) if part is None else part
        unread[storable(name)] = None if self._is_secret(name) else as_json(sent)
        if len(json.dumps(unread)) > LARGEST:
            unread[storable(name)] = None

    @classmethod
    def is_new(cls, values: dict[str, Any], call: Call) -> bool:
        """Whether no row with the id that was put aside says the same, or said it once.

        A phone that repeats a report adds nothing. One that gives an id twice loses no words.
        """
        try:
            taken = serializers.UUIDField().run_validation(call.unread.get("id"))
        except serializers.ValidationError:
            return False  # what is taken is the id that we made for this mutation (`made_id`)
        place = values[cls.about[0]].scope_id
        rows = FeedEntry.objects.filter(scope_id=place, object_id=taken)
        return not any(row.deleted or cls._says(json.loads(row.doc), values) for row in rows)

    @classmethod
    def _says(cls, document: dict[str, Any], values: dict[str, Any]) -> bool:
        if document.get("edited_at") or document.get("withdrawn_at"):
            return True
        words = {name: as_json(values.get(name)) for name in cls.own}
        return words == {name: document.get(name) for name in cls.own}

    def _request(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.context)

    def _is_secret(self, name: str) -> bool:
        return self.shared and name not in self.fields

    def _read(self, field: Any, data: Mapping[str, Any]) -> Any:
        value = field.get_value(data)
        if field.field_name == "id" and self._request().get("id_is_taken"):
            raise serializers.ValidationError("Another row has this id.")
        if not is_shallow(value):
            raise serializers.ValidationError("This is nested too deeply.")
        if isinstance(field, Text) and isinstance(value, str) and storable(value) != value:
            raise Partly(field.run_validation(storable(value)))
        read = field.run_validation(value)
        check = getattr(self, f"validate_{field.field_name}", None)
        return check(read) if check else read


class SelfReportDocument(serializers.ModelSerializer[Any]):
    """The document of a self-report: `unread` is there only if something could not be read."""

    optional = ("unread",)
    unread = serializers.DictField(required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        document = super().to_representation(instance)
        if not document["unread"]:
            del document["unread"]
        return document


def undeclared(kind: type[serializers.Serializer[Any]]) -> list[str]:
    """What is wrong with the declarations of a self-report, one phrase for each field."""
    if not issubclass(kind, SelfReport):
        return []
    fields = {name: field for name, field in kind().fields.items() if not field.read_only}
    declared = [*kind.about, *kind.own, *kind.by_app]
    return sorted(
        [f"{name!r} is none of about, own and by_app" for name in fields if name not in declared]
        + [f"{name!r} is declared but no field" for name in declared if name not in fields]
        + [f"{name!r} is declared twice" for name in set(declared) if declared.count(name) > 1]
        + [
            f"{name!r} is by_app, so it cannot be required"
            for name in kind.by_app
            if name in fields and fields[name].required
        ]
    )


def is_clock_off(call: Call) -> bool:
    """Whether the phone's time cannot be that of the report."""
    return call.client_time is not None and (
        abs(call.client_time - call.occurred_at) > CLOCK_TOLERANCE
    )


def note_clock(call: Call) -> None:
    """Keep the phone's time where it cannot be the time of the report."""
    if call.client_time and is_clock_off(call):
        call.unread.setdefault("client_time", call.client_time.isoformat())


def as_json(value: Any) -> Any:
    """The value in a form that jsonb can hold. Null in place of what is nested too deeply."""
    return _plain(value) if is_shallow(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable(str(name)): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int):
        return value
    # jsonb has no infinity.
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    return storable(str(value))
