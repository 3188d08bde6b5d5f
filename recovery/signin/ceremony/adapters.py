"""allauth's adapters: e-mails go to the outbox, secrets are encrypted, and no one can sign up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from foundation.mail_addresses import compared
from recovery.signin.ceremony.trail import queue_code
from recovery.signin.models import User
from recovery.signin.second_factors import seal_new, unsealed

SIGN_IN_CODE, UNKNOWN_ACCOUNT = "account/email/login_code", "account/email/unknown_account"


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are created by invitation only. E-mails go to the outbox."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        # allauth's own check lets users without a second factor pass. ceremony.factors checks.
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Sends only codes. For an unknown address the same work is done, but nothing is sent."""
        if template_prefix in (SIGN_IN_CODE, UNKNOWN_ACCOUNT):
            user = User.objects.filter(email=compared(email), is_active=True).first()
            code = context.get("code") or self.generate_login_code()
            queue_code(context["request"], user, email, code)


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts secrets. The names that devices show say nothing about treatment."""

    def encrypt(self, text: str) -> str:
        return seal_new(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unsealed(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return str(settings.SITE_NAME)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        names = {"name": settings.SITE_NAME, "display_name": settings.SITE_NAME}
        return {"id": user.pk.hex.encode(), **names}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": settings.PASSKEY_HOST, "name": settings.SITE_NAME}


class HeadlessAdapter(DefaultHeadlessAdapter):
    """Sends the app nothing about the user but their id."""

    def get_frontend_url(self, urlname: str, **kwargs: Any) -> str:
        # Our e-mails have no links, so this is not used in any.
        return str(settings.PUBLIC_URL)

    def serialize_user(self, user: Any) -> dict[str, Any]:
        return {"id": str(user.pk)}
