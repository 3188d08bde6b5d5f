"""The problem document in OpenAPI."""

from typing import Any

from rest_framework import serializers


class ProblemDocument(serializers.Serializer[Any]):
    """RFC 9457. `code` is for programs, `title` for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    errors = serializers.JSONField(required=False)  # type: ignore[assignment]  # the name on the wire
    current = serializers.JSONField(required=False)
    about = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="what stands in the way, e.g. with `needs_successor`",
    )
    url = serializers.URLField(required=False, help_text="of the new home, with `home_moved`")


STATUSES = (
    400,
    401,
    403,
    404,
    405,
    406,
    408,
    409,
    410,
    413,
    415,
    421,
    416,
    422,
    426,
    429,
    503,
    507,
)
PROBLEMS: dict[tuple[int, str], Any] = {
    (status, "application/problem+json"): ProblemDocument for status in STATUSES
}
