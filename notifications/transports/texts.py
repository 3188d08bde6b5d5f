"""The full text of every e-mail and every push. Nothing but a code is ever filled in.

Mail servers, shared inboxes and lock screens may all show these texts, so none names a programme,
a person or a reason.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

LANGUAGES = ("en", "es")
T = TypeVar("T")
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
    "address_taken": {
        "en": Text(
            "About this e-mail address",
            "Someone typed this address into the app, to sign in with it. It already signs in to"
            " another account, so it was not added.\n\nIf this was you, sign in with this address,"
            " or add a different one.\nIf it was not you, you do not need to do anything.\n",
        ),
        "es": Text(
            "Sobre esta dirección de correo",
            "Alguien escribió esta dirección en la app para entrar con ella. Ya sirve para entrar"
            " en otra cuenta, así que no se agregó.\n\nSi fuiste tú, entra con esta dirección o"
            " agrega otra.\nSi no fuiste tú, no tienes que hacer nada.\n",
        ),
    },
    "address_changed": {
        "en": Text(
            "Your sign-in address has changed",
            "From now on, a different address signs in to your account. This one no longer does."
            "\n\nIf this was you, you do not need to do anything.\nIf it was not you, open the app"
            " if you can and look at your list of devices. You can also call the people who gave"
            " you the app.\n",
        ),
        "es": Text(
            "Tu dirección para entrar cambió",
            "Desde ahora, otra dirección sirve para entrar en tu cuenta. Esta ya no sirve."
            "\n\nSi fuiste tú, no tienes que hacer nada.\nSi no fuiste tú, abre la app si puedes y"
            " mira tu lista de dispositivos. También puedes llamar a quienes te dieron la app.\n",
        ),
    },
    "account_recovery": {
        "en": Text(
            "A new way in to your account",
            "Someone asked for a new code to get in to your account.\n\nIf this was you, you do"
            " not need to do anything.\nIf it was not you, open the app and say no. You can also"
            " call the people who gave you the app.\n",
        ),
        "es": Text(
            "Una nueva forma de entrar en tu cuenta",
            "Alguien pidió un código nuevo para entrar en tu cuenta.\n\nSi fuiste tú, no tienes"
            " que hacer nada.\nSi no fuiste tú, abre la app y di que no. También puedes llamar a"
            " quienes te dieron la app.\n",
        ),
    },
    "open_app": {
        "en": Text("Please open your app", "Please open your app.\n"),
        "es": Text("Abre tu app, por favor", "Abre tu app, por favor.\n"),
    },
}


# What a push shows, by its key and language. Browsers get the words; native apps get the key, and
# have the words themselves.
SENTENCES = {"YOU_HAVE_AN_UPDATE": {"en": "You have something new", "es": "Tienes algo nuevo"}}


def text_of(mail: str, locale: str, context: dict[str, str]) -> Text:
    """English for a language we do not have."""
    _, (subject, body) = _in(locale, TEXTS[mail])
    return Text(subject, body.format(**context))


def sentence(key: str, locale: str) -> tuple[str, str]:
    """The language, and the sentence in it: English for a language we do not have."""
    return _in(locale, SENTENCES[key])


def _in(locale: str, texts: dict[str, T]) -> tuple[str, T]:
    language = locale.partition("-")[0]
    return (language, texts[language]) if language in texts else ("en", texts["en"])


def check_context(mail: str, context: dict[str, str]) -> None:
    """Raises ValueError unless `context` is what this mail may contain: a code, or nothing."""
    if mail == "code" and context.keys() == {"code"} and CODE.fullmatch(context["code"]):
        return
    if mail in TEXTS and mail != "code" and not context:
        return
    raise ValueError(f"a {mail!r} mail cannot carry {sorted(context)}")
