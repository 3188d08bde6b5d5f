"""Send e-mail by SMTP or, in development, write it into a folder as .eml files."""

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
Transport = Callable[[EmailMessage], None]


class Mailer:
    """Sends through a `transport`, which blocks and therefore runs in a thread."""

    def __init__(self, transport: Transport, sender: str) -> None:
        self._transport, self._sender = transport, sender

    def compose(self, letter_id: uuid.UUID, mail: str, content: dict, at: datetime) -> EmailMessage:
        """`content`: as `queue.email` sealed it. Raises ValueError for an invalid address."""
        text = text_of(mail, content["locale"], content["context"])
        message = EmailMessage()
        message["From"], message["To"] = self._sender, content["address"]
        message["Subject"], message["Date"] = text.subject, at
        # If it is sent twice, mail programs show it once.
        message["Message-ID"] = f"<{letter_id}@{self._sender.rpartition('@')[2].strip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = content["locale"]
        message.set_content(text.body)
        return message

    async def send(self, message: EmailMessage) -> Verdict:
        """One attempt. Never raises for a failure to send."""
        try:
            await asyncio.to_thread(self._transport, message)
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
    """The mailer for EMAIL_URL or MAIL_FOLDER. Raises Misconfigured."""
    if settings.EMAIL_URL:
        return Mailer(_smtp(urlsplit(settings.EMAIL_URL)), settings.EMAIL_SENDER)
    if settings.MAIL_FOLDER:
        return Mailer(_folder(Path(settings.MAIL_FOLDER)), settings.EMAIL_SENDER)
    raise Misconfigured("Set EMAIL_URL (smtp+tls://user:password@host) or MAIL_FOLDER.")


def _by_code(code: int, permanent: Means) -> Verdict:
    """In SMTP, a 4xx is temporary and a 5xx is permanent."""
    return Verdict(permanent if code >= 500 else Means.TRY_LATER, f"smtp_{code}")


def _smtp(url: SplitResult) -> Transport:
    if url.scheme not in PORTS or not url.hostname:
        raise Misconfigured("EMAIL_URL must begin with smtp://, smtp+tls:// or smtps://")
    host, port = url.hostname, url.port or PORTS[url.scheme]
    tls = ssl.create_default_context()

    def deliver(message: EmailMessage) -> None:
        server = _connect(url.scheme, host, port, tls)
        try:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            server.send_message(message)
            # The server has accepted it. A failing QUIT must not cause a second attempt.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    return deliver


def _connect(scheme: str, host: str, port: int, tls: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=tls)
    server = smtplib.SMTP(host, port, timeout=SECONDS)
    if scheme == "smtp+tls":
        server.starttls(context=tls)
    return server


def _folder(folder: Path) -> Transport:
    folder.mkdir(parents=True, exist_ok=True)

    def deliver(message: EmailMessage) -> None:
        name = message["Message-ID"].strip("<>").partition("@")[0]
        # Write and rename: a program that watches the folder must not see half a file.
        half = folder / f".{name}.half"
        half.write_bytes(bytes(message))
        half.replace(folder / f"{name}.eml")

    return deliver
