"""What the phone app says, in both languages: `python -m tools.checks.app_words` prints what is
wrong and ends with 1 where something is.

Easy to read on every screen, no word that hurts, no exclamation marks, the same keys and
placeholders in both languages and where they are used, and no telephone numbers but the known ones.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tools.checks import reading
from tools.local.data_directory import CHECKOUT

SOURCES = CHECKOUT / "clients/web/src"
MOST_GRADE = 6.0
LEAST_EASE = 65.0
# A screen with fewer words than this is judged together with the other small ones.
ENOUGH_WORDS = 30
KNOWN_NUMBERS = {"988", "911", "1-800-662-4357"}
WHERE_NUMBERS_STAND = "screens/help/numbers.ts"

AVOID = {
    "en": (
        r"relaps\w*|slip-?ups?|fail(?:ed|ure)|clean|dirty|non-?complian\w+|no-?shows?|submit\w*"
        r"|sync\w*|upload\w*|craving\w*|emergency contact|authenticat\w+|consent forms?"
        r"|addict\w*|abuse\w*|junkie|alcoholic|overdue|you must|don['\u2019]t forget|we noticed"
        r"|forever|never again|click|please note|oops|sorry"
    ),
    "es": (
        r"reca[ií]\w*|fracas\w+|limpi[oa]s?|suci[oa]s?|incumpl\w+|inasistenci\w+|sincroniz\w+"
        r"|subir|cargar|contacto de emergencia|autentica\w+|formulario de consentimiento"
        r"|adict\w+|abus\w+|drogadict\w+|alcohólic\w+|vencid[oa]s?|debes|no olvides"
        r"|notamos|nunca más|haz clic|usted|su equipo|lo sentimos"
        r"|\w+@s?|todes|todxs|\w+[oa]s?/[oa]s?"
    ),
}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# `counted` takes the number before the values.
CALL = re.compile(
    r"\b(t|counted)\(\s*'([a-z_0-9]+\.[a-z_0-9]+)'\s*([,)])\s*(?:[\w.]+,\s*)?(\{[^}]*\})?"
)
QUOTED = re.compile(r"'([a-z_0-9]+\.[a-z_0-9]+)'")
# `t(`door.${part}_short`)` uses every key that begins and ends so.
COMPOSED = re.compile(r"`([a-z_0-9]+\.[a-z_0-9]*)\$\{[^}]*\}([a-z_0-9]*)`")
# A telephone number has three digits or more that no word around them explains.
NUMBER = re.compile(r"(?<![\w.-])\d[\d-]{2,}(?![\w-])")
LINK = re.compile(r"\b(?:tel|sms):")

Words = Mapping[str, str]


def main() -> int:
    english, spanish = catalogue("en"), catalogue("es")
    sources = {
        path.relative_to(SOURCES).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(SOURCES.rglob("*.ts*"))
    }
    problems = [
        *hard_to_read(english, "en"),
        *hard_to_read(spanish, "es"),
        *bad_words(english, "en"),
        *bad_words(spanish, "es"),
        *unlike(english, spanish),
        *misused(english, sources),
        *strange_numbers(
            {**english, **{f"es {key}": text for key, text in spanish.items()}}, sources
        ),
    ]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


def catalogue(language: str) -> dict[str, str]:
    """One file of the shell, and one of each area."""
    words: dict[str, str] = {}
    for path in sorted(SOURCES.glob(f"text/*{language}.json")):
        words |= json.loads(path.read_text(encoding="utf-8"))
    return words


def hard_to_read(words: Words, language: str) -> Iterator[str]:
    for screen, texts in screens(words).items():
        if language == "en" and (grade := reading.grade(texts)) > MOST_GRADE:
            yield f"{screen}: grade {grade:.1f} in English, at most {MOST_GRADE:.0f}"
        if language == "es" and (ease := reading.ease(texts)) < LEAST_EASE:
            yield f"{screen}: INFLESZ {ease:.0f} in Spanish, at least {LEAST_EASE:.0f}"


def screens(words: Words) -> dict[str, list[str]]:
    """Texts by screen, which is the first part of the key."""
    by_screen: dict[str, list[str]] = defaultdict(list)
    for key, text in words.items():
        by_screen[key.split(".")[0]].append(PLACEHOLDER.sub("", text))
    small = [
        name for name, texts in by_screen.items() if reading.count(texts, "en").words < ENOUGH_WORDS
    ]
    together = [text for name in small for text in by_screen.pop(name)]
    return {**by_screen, "small screens": together} if together else by_screen


def bad_words(words: Words, language: str) -> Iterator[str]:
    avoid = re.compile(rf"(?<!\w)(?:{AVOID[language]})(?!\w)", re.IGNORECASE)
    for key, text in words.items():
        if match := avoid.search(text):
            yield f"{key}: “{match[0]}” is a word to avoid ({language})"
        if re.search("[!¡]", text):
            yield f"{key}: no exclamation marks ({language})"


def unlike(english: Words, spanish: Words) -> Iterator[str]:
    for key in sorted(english.keys() ^ spanish.keys()):
        yield f"{key}: only in {'English' if key in english else 'Spanish'}"
    for key in english.keys() & spanish.keys():
        if set(PLACEHOLDER.findall(english[key])) != set(PLACEHOLDER.findall(spanish[key])):
            yield f"{key}: other placeholders in Spanish"


def misused(words: Words, sources: Mapping[str, str]) -> Iterator[str]:
    """Calls that leave a placeholder empty, and texts that nothing shows."""
    used: set[str] = set()
    for path, source in sources.items():
        for function, key, _, values in CALL.findall(source):
            forms = [f"{key}_one", f"{key}_other"] if function == "counted" else [key]
            filled = set(re.findall(r"(\w+)\s*(?:[:,}])", values)) | (
                {"n"} if function == "counted" else set()
            )
            for form in forms:
                if missing := set(PLACEHOLDER.findall(words.get(form, ""))) - filled:
                    yield f"{path}: {form} lacks {', '.join(sorted(missing))}"
        used.update(QUOTED.findall(source))
        for begin, end in COMPOSED.findall(source):
            used.update(key for key in words if key.startswith(begin) and key.endswith(end))
    for key in words:
        if key not in used and re.sub("_(one|other)$", "", key) not in used:
            yield f"{key}: nothing shows it"


def strange_numbers(words: Words, sources: Mapping[str, str]) -> Iterator[str]:
    """A programme's own numbers come from its document, so none of them stands in the app."""
    for key, text in words.items():
        for number in NUMBER.findall(text):
            if number not in KNOWN_NUMBERS:
                yield f"{key}: the number {number}"
    for path, source in sources.items():
        if path == WHERE_NUMBERS_STAND:
            stated = set(re.findall(r"= '([\d-]+)'", source))
            if stated != KNOWN_NUMBERS:
                yield f"{path}: {', '.join(sorted(stated ^ KNOWN_NUMBERS))}"
        elif LINK.search(source):
            yield f"{path}: links to numbers are made in {WHERE_NUMBERS_STAND}"


if __name__ == "__main__":
    sys.exit(main())
