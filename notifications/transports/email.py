"""Send e-mail by SMTP or, in development, write it into a folder as .eml files."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from foundation.connection_urls import NotUnderstood, SmtpServer, smtp
from foundation.mail_addresses import parse
from notifications.transports.answers import TIMEOUT, UNREACHABLE, Means, Verdict
from notifications.transports.credentials import Misconfigured
from notifications.transports.texts import text_of

# For a whole delivery: each step may take its time, and a server may answer byte by byte. The
# pump's lease on an e-mail is longer, or another pump would send it too.
DELIVERY_SECONDS = 30
Transport = Callable[[EmailMessage], None]


class Mailer:
    """Sends through a `transport`, which blocks and therefore runs in a thread, for at most `limit`
    seconds."""

    def __init__(self, transport: Transport, sender: str, limit: float) -> None:
        self._transport, self._sender, self._limit = transport, sender, limit

    def compose(self, letter_id: uuid.UUID, mail: str, content: dict, at: datetime) -> EmailMessage:
        """`content`: as `queue.email` sealed it. Raises Unusable for an invalid address."""
        text = text_of(mail, content["locale"], content["context"])
        message = EmailMessage()
        message["From"], message["To"] = self._sender, parse(content["address"]).on_the_wire()
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
            async with asyncio.timeout(self._limit):
                await asyncio.to_thread(self._transport, message)
        except smtplib.SMTPRecipientsRefused as refused:
            return _by_code(max(code for code, _ in refused.recipients.values()), Means.GONE)
        except smtplib.SMTPAuthenticationError:
            return Verdict(Means.REFUSED, "mail_credential_refused")
        except smtplib.SMTPNotSupportedError:
            return Verdict(Means.REFUSED, "mail_not_supported")
        except smtplib.SMTPResponseException as refused:
            return _by_code(refused.smtp_code, Means.OUR_FAULT)
        except TimeoutError:
            return TIMEOUT
        except (smtplib.SMTPException, OSError):
            return UNREACHABLE
        return Verdict(Means.SENT)


def mailer(limit: float = DELIVERY_SECONDS) -> Mailer:
    """The mailer for EMAIL_URL or MAIL_FOLDER. Raises Misconfigured."""
    if settings.EMAIL_URL:
        try:
            server = smtp(settings.EMAIL_URL)
        except NotUnderstood as error:
            raise Misconfigured(str(error)) from None
        return Mailer(_smtp(server, limit), settings.EMAIL_SENDER, limit)
    if settings.MAIL_FOLDER:
        return Mailer(_folder(Path(settings.MAIL_FOLDER)), settings.EMAIL_SENDER, limit)
    raise Misconfigured("Set EMAIL_URL (smtp+tls://user:password@host) or MAIL_FOLDER.")


def _by_code(code: int, permanent: Means) -> Verdict:
    """In SMTP, a 4xx is temporary and a 5xx is permanent."""
    return Verdict(permanent if code >= 500 else Means.TRY_LATER, f"smtp_{code}")


def _smtp(to: SmtpServer, limit: float) -> Transport:
    def deliver(message: EmailMessage) -> None:
        server = _client(to)
        # `send` waits no longer than this, but it cannot stop the thread.
        end = threading.Timer(limit, _hang_up, [server])
        end.daemon = True
        end.start()
        try:
            server.connect(to.host, to.port)
            if to.scheme == "smtp+tls":
                server.starttls(context=to.tls())
            if to.user:
                server.login(to.user, to.password)
            server.send_message(message)
            # The server has accepted it. A failing QUIT must not cause a second attempt.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            end.cancel()
            server.close()

    return deliver


def _client(to: SmtpServer) -> smtplib.SMTP:
    """Not connected yet, so that it can be stopped from the first byte on."""
    if to.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(timeout=to.timeout, context=to.tls())
    else:
        client = smtplib.SMTP(timeout=to.timeout)
    # The name that TLS checks. smtplib learns it only from a host that it connects to at once.
    client._host = to.host  # type: ignore[attr-defined]
    return client


def _hang_up(server: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):  # not connected, or closed already
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _folder(folder: Path) -> Transport:
    folder.mkdir(parents=True, exist_ok=True)

    def deliver(message: EmailMessage) -> None:
        name = message["Message-ID"].strip("<>").partition("@")[0]
        # Write and rename: a program that watches the folder must not see half a file.
        half = folder / f".{name}.half"
        half.write_bytes(bytes(message))
        half.replace(folder / f"{name}.eml")

    return deliver
