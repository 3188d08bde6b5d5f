"""The problem document in OpenAPI."""

from foundation.fields import TEXT, WHOLE_NUMBER, a_list, a_map, an_object
from foundation.problems import TYPES

# What a client can count on in every problem, and the members of some.
PROBLEM = an_object(
    optional=(
        "errors",
        "current",
        "about",
        "retry_after_ms",
        "expected",
        "offset",
        "bytes",
        "missing",
        "receipt",
        "url",
        "action",
        "data",
        "meta",
    ),
    type=TEXT | {"description": f"{TYPES}#code"},
    title=TEXT | {"description": "for people"},
    status=WHOLE_NUMBER,
    code=TEXT | {"description": "for programs"},
    detail=TEXT | {"description": "for who writes the app"},
    errors=a_map({}, description="with `invalid`: field → sentences"),
    current={"$ref": "#/components/schemas/Entry"},
    about=a_list({"type": "object"}, description="what stands in the way, one object each"),
    retry_after_ms=WHOLE_NUMBER,
    expected=WHOLE_NUMBER | {"description": "with `mutation_gap`: an id"},
    offset=WHOLE_NUMBER | {"description": "with `offset_mismatch`"},
    bytes=WHOLE_NUMBER | {"description": "with `piece_length`"},
    missing=a_list(TEXT, description="with `blobs_missing`: files"),
    receipt=TEXT | {"description": "with `wipe`"},
    url=TEXT | {"format": "uri", "description": "with `home_moved`"},
    action=TEXT | {"description": "with `wipe`"},
    data=an_object(
        optional=("flows",),
        flows=a_list(
            an_object(
                optional=("is_pending", "types"),
                id=TEXT,
                is_pending={"type": "boolean"},
                types=a_list(TEXT),
            )
        ),
    ),
    meta=an_object(
        optional=("session_token", "secret", "totp_url", "is_authenticated"),
        session_token=TEXT,
        secret=TEXT,
        totp_url=TEXT,
        is_authenticated={"type": ["boolean", "null"]},
    ),
)

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
