"""A code that was just made: it is shown once, with a sheet of paper to hand it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.utils.safestring import SafeString

from recovery.console.desk import Desk
from recovery.people.models import Invitation
from recovery.people.rules import LOCALES


@dataclass(frozen=True)
class NewCode:
    """`code` is None where it went by e-mail, or was shown before. `languages`: of the sheet, the
    person's own first."""

    code: str | None
    name: str
    invitation: Invitation
    languages: list[str]

    @property
    def until(self) -> datetime:
        return self.invitation.expires_at

    @property
    def link(self) -> str:
        """Where a browser takes the code: of staff here, of everybody else in the phone app."""
        if self.invitation.for_staff:
            return f"{settings.CONSOLE_URL.rstrip('/')}/invitation"
        return settings.PUBLIC_URL if settings.WEB_APP == "on" else ""

    @property
    def square(self) -> SafeString:
        """For a phone's camera. A browser does not send what follows the #."""
        if self.invitation.for_staff or not self.link:
            return SafeString("")
        link = f"{self.link.rstrip('/')}/#{urlencode({'code': self.code})}"
        return SafeString(get_adapter().build_totp_svg(link).partition("?>")[2])  # our own


def new_code(desk: Desk, name: str, locale: str = "en") -> NewCode | None:
    """The code that the last act has made for this person. None, if it has made none."""
    made: Any = ((desk.done and desk.done.data) or {}).get("invitation")
    if made is None or desk.done is None:
        return None
    row = desk.read_one(desk.rows(Invitation).filter(id=made))
    languages = sorted(LOCALES, key=lambda each: each != locale)
    return NewCode((desk.done.once or {}).get("code"), name, row, languages)
