"""Send e-mail by SMTP or, in development, write it into a folder as .eml files."""

from __future__ import annotations

import asyncio
import smtplib
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from foundation.connection_urls import NotUnderstood, SmtpServer, smtp
from notifications.transports.answers import TIMEOUT, UNREACHABLE, Means, Verdict
from notifications.transports.credentials import Misconfigured
from notifications.transports.texts import text_of

Transport = Callable[[EmailMessage], None]


class Mailer:
    """Sends through a `transport`, which blocks and therefore runs in a thread. `timeout`: seconds
    that the server may take for each step."""

    def __init__(self, transport: Transport, sender: str, timeout: float = 10) -> None:
        self._transport, self._sender, self.timeout = transport, sender, timeout

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
        try:
            server = smtp(settings.EMAIL_URL)
        except NotUnderstood as error:
            raise Misconfigured(str(error)) from None
        return Mailer(_smtp(server), settings.EMAIL_SENDER, server.timeout)
    if settings.MAIL_FOLDER:
        return Mailer(_folder(Path(settings.MAIL_FOLDER)), settings.EMAIL_SENDER)
    raise Misconfigured("Set EMAIL_URL (smtp+tls://user:password@host) or MAIL_FOLDER.")


def _by_code(code: int, permanent: Means) -> Verdict:
    """In SMTP, a 4xx is temporary and a 5xx is permanent."""
    return Verdict(permanent if code >= 500 else Means.TRY_LATER, f"smtp_{code}")


def _smtp(to: SmtpServer) -> Transport:
    def deliver(message: EmailMessage) -> None:
        server = _connect(to)
        try:
            if to.user:
                server.login(to.user, to.password)
            server.send_message(message)
            # The server has accepted it. A failing QUIT must not cause a second attempt.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    return deliver


def _connect(to: SmtpServer) -> smtplib.SMTP:
    if to.scheme == "smtps":
        return smtplib.SMTP_SSL(to.host, to.port, timeout=to.timeout, context=to.tls())
    server = smtplib.SMTP(to.host, to.port, timeout=to.timeout)
    if to.scheme == "smtp+tls":
        server.starttls(context=to.tls())
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
