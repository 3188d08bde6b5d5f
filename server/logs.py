"""Logs are JSON lines in UTC with a fixed schema. They never contain bodies, tokens or names.

Our own packages log at INFO. Libraries log at WARNING: at INFO some of them name credentials, for
example fido2 the id of each passkey that was used.
"""

from __future__ import annotations

import re
from typing import Any

import structlog

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
]

# In these lines PostgreSQL quotes the rejected row or value, which may be a person's own words.
QUOTED = re.compile(r"(DETAIL|CONTEXT):.*?(?=\n\n(?:The above|During)|\Z)", re.DOTALL)


# What must never be in a line, whichever program writes it: bearer tokens, and e-mail addresses.
SECRET = re.compile(r"\bhr[ar]_[\w-]{8,}|[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
OURS = ("foundation", "notifications", "recovery", "server", "tools")


def without_secrets(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: remove tokens and addresses, such as those in a library's error."""
    return {
        name: SECRET.sub("(not logged)", value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def without_rows(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: remove the values that PostgreSQL quotes from tracebacks."""
    if "exception" in event:
        event["exception"] = QUOTED.sub(r"\1: not logged", event["exception"])
    return event


def configure() -> dict[str, Any]:
    """Django's LOGGING. structlog formats our own lines and those of libraries."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    without_rows,
                    without_secrets,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stdout"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": "INFO"} for name in OURS},
            "django": {"handlers": [], "propagate": True, "level": "WARNING"},
            # A 4xx is a normal response. Only our own failures are logged.
            "django.request": {"level": "ERROR"},
            # A Host that is not ours, with a traceback: a stranger could fill the log.
            "django.security": {"level": "CRITICAL"},
        },
    }
