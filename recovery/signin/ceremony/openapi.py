"""The sign-in ceremony in the OpenAPI document. allauth's views do not describe themselves."""

from __future__ import annotations

from typing import Any

from foundation.fields import ID, TEXT, TIME, Schema, a_list, a_map, an_object, one_of, or_null
from foundation.openapi import JSON, View, content, with_class
from recovery.signin.actions.inputs import PLATFORMS

CODE = TEXT | {"description": "digits, or a recovery code"}
# WebAuthn's own JSON (PublicKeyCredential.toJSON), as the browser or the system returns it.
CREDENTIAL = a_map({}, description="PublicKeyCredential.toJSON()")
OPTIONS = a_map({}, description="for navigator.credentials, see WebAuthn's parse…FromJSON")
DEVICE = an_object(
    optional=("name", "public_key"),
    platform=one_of(*PLATFORMS),
    app=TEXT | {"maxLength": 40},
    name=TEXT | {"maxLength": 80},
    public_key=TEXT | {"description": "P-256, DER SubjectPublicKeyInfo in base64"},
)
APP = {"install": TEXT | {"minLength": 16, "maxLength": 200}, "device": DEVICE}
TOKENS = {
    "user": ID.schema,
    "session": ID.schema,
    "access_token": TEXT,
    "access_expires_at": TIME,
    "refresh_token": TEXT,
}
STATUS = {"type": "integer", "const": 200}
USER = an_object(user=an_object(id=ID.schema), methods=a_list(a_map({})))
SIGNED_IN = an_object(
    status=STATUS,
    data=USER,
    meta=an_object(is_authenticated={"type": "boolean"}, **TOKENS),
)
TIMESTAMP = {"type": "number", "description": "seconds since 1970"}
FACTOR = an_object(
    optional=(
        "id",
        "name",
        "is_passwordless",
        "total_code_count",
        "unused_code_count",
        "unused_codes",
    ),
    type=one_of("totp", "webauthn", "recovery_codes"),
    created_at=TIMESTAMP,
    last_used_at=or_null(TIMESTAMP),
    id={"type": "integer"},
    name=TEXT,
    is_passwordless={"type": "boolean"},
    total_code_count={"type": "integer"},
    unused_code_count={"type": "integer"},
    unused_codes=a_list(TEXT, description="shown this once"),
)
NEW_TOKENS = an_object(
    optional=("recovery_codes_generated", *TOKENS),
    recovery_codes_generated={"type": "boolean"},
    **TOKENS,
)
ONE_FACTOR = an_object(optional=("meta",), status=STATUS, data=FACTOR, meta=NEW_TOKENS)
FACTORS = an_object(optional=("meta",), status=STATUS, data=a_list(FACTOR), meta=a_map({}))
DONE = an_object(optional=("meta", "data"), status=STATUS, meta=a_map({}), data=a_map({}))
ASKED = an_object(
    optional=("meta",),
    status=STATUS,
    data=an_object(request_options=OPTIONS),
    meta=an_object(optional=("session_token",), session_token=TEXT),
)
CREATING = an_object(
    optional=("meta",), status=STATUS, data=an_object(creation_options=OPTIONS), meta=a_map({})
)

ASK = (
    "Ask for a code by e-mail. The good answer is 401 `sign_in_unfinished`, the same for every"
    " address: `meta.session_token` goes on."
)
# By route and method: what it is for, the body, and the answer.
CEREMONY: dict[str, dict[str, tuple[str, Schema | None, Schema]]] = {
    "auth/code/request": {
        "post": (
            ASK,
            an_object(email=TEXT | {"format": "email"}),
            DONE,
        )
    },
    "auth/code/confirm": {
        "post": (
            "Sign in with the code. 401 `sign_in_unfinished` if a second factor is pending.",
            an_object(code=CODE, **APP),
            SIGNED_IN,
        )
    },
    "auth/2fa/authenticate": {
        "post": ("The pending second factor: a code.", an_object(code=CODE, **APP), SIGNED_IN)
    },
    "auth/webauthn/authenticate": {
        "get": ("Begin: the pending second factor, a passkey.", None, ASKED),
        "post": ("Finish.", an_object(credential=CREDENTIAL, **APP), SIGNED_IN),
    },
    "auth/webauthn/login": {
        "get": ("Begin: sign in with a passkey alone.", None, ASKED),
        "post": ("Finish.", an_object(credential=CREDENTIAL, **APP), SIGNED_IN),
    },
    "auth/2fa/reauthenticate": {
        "post": ("Prove one's identity again, with a code.", an_object(code=CODE), SIGNED_IN)
    },
    "auth/webauthn/reauthenticate": {
        "get": ("Begin: prove one's identity again, with a passkey.", None, ASKED),
        "post": ("Finish.", an_object(credential=CREDENTIAL), SIGNED_IN),
    },
    "account/authenticators": {"get": ("One's own second factors.", None, FACTORS)},
    "account/authenticators/totp": {
        "get": ("The authenticator app, or 404 `not_set_up` with `meta.secret`.", None, ONE_FACTOR),
        "post": ("Set up the authenticator app.", an_object(code=CODE), ONE_FACTOR),
        "delete": ("Remove the authenticator app.", None, DONE),
    },
    "account/authenticators/webauthn": {
        "get": ("Begin: add a passkey (`?passwordless`).", None, CREATING),
        "post": ("Finish.", an_object(name=TEXT, credential=CREDENTIAL), ONE_FACTOR),
        "put": ("Rename a passkey.", an_object(id={"type": "integer"}, name=TEXT), ONE_FACTOR),
        "delete": (
            "Remove passkeys.",
            an_object(authenticators=a_list({"type": "integer"})),
            DONE,
        ),
    },
    "account/authenticators/recovery-codes": {
        "get": ("How many recovery codes are left.", None, ONE_FACTOR),
        "post": ("New recovery codes instead of the old ones.", an_object(), ONE_FACTOR),
    },
}


def in_openapi(route: str, view: View) -> View:
    """Describe the view of this route."""
    name = "".join(part.title() for part in route.replace("/", "-").split("-"))
    # The ceremony's own token, or the access token of who is signed in already.
    operations = {
        method: {"operation": _operation(route, method, *described)}
        for method, described in CEREMONY[route].items()
    }
    limits = view.limits  # type: ignore[attr-defined]
    return with_class(view, name, limits, **operations)


def _operation(
    route: str, method: str, description: str, body: Schema | None, answer: Schema
) -> dict[str, Any]:
    is_open = route in ("auth/code/request", "auth/webauthn/login")
    token: list[dict[str, list[str]]] = (
        [] if is_open else [{"bearer": []} if _signed_in(route) else {"ceremony": []}]
    )
    operation = {
        "operationId": f"{route.replace('/', '.')}.{method}",
        "tags": ["sign-in"],
        "description": description,
        "security": token,
        "parameters": [],
        "responses": {"200": {"description": "", "content": content(JSON, answer)}},
    }
    return operation | (
        {"requestBody": {"required": True, "content": content(JSON, body)}} if body else {}
    )


def _signed_in(route: str) -> bool:
    return route.startswith("account/") or route.endswith("reauthenticate")
