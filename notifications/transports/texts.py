"""The full text of every e-mail we send. Nothing but a code is ever filled in.

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
            "Your code is {code}\n\nType it into the app. It works once, for a short time."
            "\nIf you did not ask for it, you do not need to do anything.\n",
        ),
        "es": Text(
            "Tu código",
            "Tu código es {code}\n\nEscríbelo en la app. Sirve una sola vez y por poco tiempo."
            "\nSi no lo pediste, no tienes que hacer nada.\n",
        ),
    },
    "open_app": {
        "en": Text("Please open your app", "Please open your app.\n"),
        "es": Text("Abre tu app, por favor", "Abre tu app, por favor.\n"),
    },
}


def text_of(mail: str, locale: str, context: dict[str, str]) -> Text:
    """English for a language we do not have."""
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
