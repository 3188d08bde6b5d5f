"""E-mail by SMTP or, where people develop, into a folder of .eml files."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from notifications.transports.answers import TIMEOUT, UNREACHABLE, Means, Verdict
from notifications.transports.credentials import Misconfigured
from notifications.transports.texts import text_of

SECONDS = 10
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
Carrier = Callable[[EmailMessage], None]


class Mailer:
    """Sends one letter at a time through a blocking `carrier`, in a thread."""

    def __init__(self, carrier: Carrier, sender: str) -> None:
        self._carrier, self._sender = carrier, sender

    def compose(self, letter_id: uuid.UUID, mail: str, content: dict, at: datetime) -> EmailMessage:
        """The whole letter; `content` as `queue.email` sealed it. ValueError: no such address."""
        text = text_of(mail, content["locale"], content["context"])
        message = EmailMessage()
        message["From"], message["To"] = self._sender, content["address"]
        message["Subject"], message["Date"] = text.subject, at
        # The same letter sent twice is one letter to a mail program.
        message["Message-ID"] = f"<{letter_id}@{self._sender.rpartition('@')[2].strip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = content["locale"]
        message.set_content(text.body)
        return message

    async def send(self, message: EmailMessage) -> Verdict:
        """One attempt; every way to fail is a verdict."""
        try:
            await asyncio.to_thread(self._carrier, message)
        except smtplib.SMTPRecipientsRefused as refused:
            return _by_code(max(code for code, _ in refused.recipients.values()), Means.GONE)
        except smtplib.SMTPAuthenticationError:
            return Verdict(Means.REFUSED, "mail_credential_refused")
        except smtplib.SMTPResponseException as refused:
            return _by_code(refused.smtp_code, Means.OUR_FAULT)
        except TimeoutError:
            return TIMEOUT
        except (smtplib.SMTPException, OSError):
            return UNREACHABLE
        return Verdict(Means.SENT)


def mailer() -> Mailer:
    """By EMAIL_URL or MAIL_FOLDER. Misconfigured: neither is set, or it makes no sense."""
    if settings.EMAIL_URL:
        return Mailer(_smtp(urlsplit(settings.EMAIL_URL)), settings.EMAIL_SENDER)
    if settings.MAIL_FOLDER:
        return Mailer(_folder(Path(settings.MAIL_FOLDER)), settings.EMAIL_SENDER)
    raise Misconfigured("Set EMAIL_URL (smtp+tls://user:password@host) or MAIL_FOLDER.")


def _by_code(code: int, permanent: Means) -> Verdict:
    """SMTP: 4xx may pass, 5xx will not."""
    return Verdict(permanent if code >= 500 else Means.TRY_LATER, f"smtp_{code}")


def _smtp(url: SplitResult) -> Carrier:
    if url.scheme not in PORTS or not url.hostname:
        raise Misconfigured("EMAIL_URL begins with smtp://, smtp+tls:// or smtps://")
    host, port = url.hostname, url.port or PORTS[url.scheme]
    tls = ssl.create_default_context()

    def carry(message: EmailMessage) -> None:
        server = _connect(url.scheme, host, port, tls)
        try:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
            # It has been taken: a server that cannot say goodbye must not get it twice.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    return carry


def _connect(scheme: str, host: str, port: int, tls: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=tls)
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if scheme == "smtp+tls":
        server.starttls(context=tls)
    return server


def _folder(folder: Path) -> Carrier:
    folder.mkdir(parents=True, exist_ok=True)

    def carry(message: EmailMessage) -> None:
        """Whole or not at all: somebody may be watching the folder."""
        name = message["Message-ID"].strip("<>").partition("@")[0]
        half = folder / f".{name}.half"
        half.write_bytes(bytes(message))
        half.replace(folder / f"{name}.eml")

    return carry
