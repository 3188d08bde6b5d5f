"""A person's second factors, and how their secrets are sealed.

allauth encrypts a secret before it knows whose row it will be in. So `seal_new` only protects it
until the row is saved. Then it is bound to the account and the type of factor, of which an account
has one. A ciphertext that was moved to another row does not open.
"""

from __future__ import annotations

import base64
import uuid
from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.db.models.signals import post_init, pre_save

from foundation.resealing import Place
from foundation.sealing import AssociatedData, Unsealable, is_current, reseal, seal, unseal
from recovery.signin.models import NOBODY

log = structlog.get_logger()

TYPES = Authenticator.Type
# The members of `data` that allauth encrypts.
SECRETS = ("secret", "seed")
# Also of every row that was written before secrets were bound.
UNBOUND = AssociatedData("mfa_authenticator", "data", NOBODY, NOBODY)


class Stored(str):
    """A sealed secret as it is in a row: it opens only as the secret of this row."""

    __slots__ = ("bound_to",)
    bound_to: AssociatedData


def has_second_factor(user_id: uuid.UUID) -> bool:
    """Whether the account has an authenticator app or a passkey. Recovery codes alone are none."""
    mine = Authenticator.objects.filter(user_id=user_id)
    return bool(mine.exclude(type=TYPES.RECOVERY_CODES).exists())


def method_of_code(user_id: uuid.UUID, code: str) -> str | None:
    """Use up a code of the authenticator app, or a recovery code. Returns the method that it
    proves, or None if it is wrong or was used before."""
    mine = Authenticator.objects.select_for_update(no_key=True).filter(user_id=user_id)
    for factor in mine.exclude(type=TYPES.WEBAUTHN).order_by("-type"):
        if factor.wrap().validate_code(code):
            return "totp" if factor.type == TYPES.TOTP else "recovery_code"
    return None


def remove_second_factors(user_id: uuid.UUID) -> None:
    """Remove every factor of the account: only for a reset that its owner could refuse."""
    Authenticator.objects.filter(user_id=user_id).delete()


def seal_new(text: str) -> str:
    """Seal a secret whose row does not exist yet."""
    return base64.b64encode(seal(UNBOUND, text.encode())).decode()


def unsealed(sealed: str) -> str:
    """The secret in clear. One that belongs to another row is replaced by a random secret, for
    which no code is right."""
    aads = (sealed.bound_to, UNBOUND) if isinstance(sealed, Stored) else (UNBOUND,)
    for aad in aads:
        try:
            return unseal(aad, base64.b64decode(sealed)).decode()
        except Unsealable:
            continue
    log.error("second_factor_unsealable")
    return generate_totp_secret()


def bind(factor: Authenticator) -> bool:
    """Bind the row's secrets that are not bound yet, without saving. Whether there were any."""
    changed = False
    for name, sealed in _secrets(factor):
        aad = _aad(factor, name)
        try:
            plain = unseal(UNBOUND, base64.b64decode(sealed))
        except Unsealable:
            continue
        factor.data[name] = _stored(base64.b64encode(seal(aad, plain)).decode(), aad)
        changed = True
    return changed


def _under_newest_key(factor: Authenticator) -> dict[str, Any]:
    fresh = dict(factor.data)
    for name, sealed in _secrets(factor):
        raw = base64.b64decode(sealed)
        if is_current(raw):
            continue
        try:
            again = reseal(_aad(factor, name), raw)
        except Unsealable:
            again = reseal(UNBOUND, raw)
        fresh[name] = base64.b64encode(again).decode()
    return {"data": fresh} if fresh != factor.data else {}


SEALED = Place("second factors", Authenticator.objects.all, _under_newest_key)


def _secrets(factor: Authenticator) -> list[tuple[str, str]]:
    data = factor.data if isinstance(factor.data, dict) else {}
    return [(name, data[name]) for name in SECRETS if isinstance(data.get(name), str)]


def _aad(factor: Authenticator, name: str) -> AssociatedData:
    return AssociatedData(
        "mfa_authenticator", f"data.{factor.type}.{name}", factor.user_id, factor.user_id
    )


def _stored(sealed: str, aad: AssociatedData) -> Stored:
    stored = Stored(sealed)
    stored.bound_to = aad
    return stored


def _note_row(instance: Authenticator, **_: Any) -> None:
    if instance.pk and "data" in instance.__dict__:
        for name, sealed in _secrets(instance):
            instance.data[name] = _stored(sealed, _aad(instance, name))


def _bind_before_saving(instance: Authenticator, update_fields: Any = None, **_: Any) -> None:
    if update_fields is None or "data" in update_fields:
        bind(instance)


post_init.connect(_note_row, sender=Authenticator, dispatch_uid="second_factors.note_row")
pre_save.connect(_bind_before_saving, sender=Authenticator, dispatch_uid="second_factors.bind")
