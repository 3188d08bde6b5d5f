"""The text of every e-mail. Nothing is ever filled in but a code.

Mail servers, shared inboxes and lock screens may all show these texts, so none names a programme,
a person or a reason.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CODE = re.compile(r"[A-Za-z0-9-]{4,40}")


class Text(NamedTuple):
    subject: str
    body: str


TEXTS = {
    "code": {
        "en": Text(
            "Your code",
            "Your code is {code}\n\nType it into the app. It works once and only for a short time."
            "\nIf you did not ask for it, you can ignore this message.\n",
        ),
        "es": Text(
            "Tu código",
            "Tu código es {code}\n\nEscríbelo en la aplicación. Sirve una sola vez y por poco"
            " tiempo.\nSi no lo pediste, puedes ignorar este mensaje.\n",
        ),
    },
    "open_app": {
        "en": Text("Please open your app", "Please open your app.\n"),
        "es": Text("Abre tu aplicación", "Por favor, abre tu aplicación.\n"),
    },
}


def text_of(mail: str, locale: str, context: dict[str, str]) -> Text:
    """Falls back to English for a language without texts."""
    texts = TEXTS[mail]
    subject, body = texts.get(locale.partition("-")[0], texts["en"])
    return Text(subject, body.format(**context))


def check_context(mail: str, context: dict[str, str]) -> None:
    """Raises ValueError unless `context` is what this mail may contain: a code, or nothing."""
    if mail == "code" and context.keys() == {"code"} and CODE.fullmatch(context["code"]):
        return
    if mail == "open_app" and not context:
        return
    raise ValueError(f"a {mail!r} mail cannot carry {sorted(context)}")
