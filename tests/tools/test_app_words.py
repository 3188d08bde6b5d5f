"""The words of the phone app, and that the check of them finds what it should."""

from __future__ import annotations

import pytest

from tools.checks import app_words, reading

PLAIN = ["No connection. Saved here.", "One minute. Skip what you like.", "I am not coming"]
OFFICIAL = [
    "Synchronization of your documentation could not be accomplished due to connectivity issues.",
    "Authentication is required in order to continue participation in the programme.",
]
LLANO = ["Sin conexión. Guardado aquí.", "Un minuto. Sáltate lo que quieras.", "No puedo ir"]
OFICIAL = [
    "La sincronización de su documentación no pudo realizarse debido a problemas de conectividad.",
    "Es necesaria la autenticación para continuar la participación en el programa de tratamiento.",
]


def test_the_words_of_the_app_are_in_order() -> None:
    assert app_words.main() == 0


def test_both_formulas_tell_plain_words_from_official_ones() -> None:
    assert reading.grade(PLAIN) < app_words.MOST_GRADE < reading.grade(OFFICIAL)
    assert reading.ease(LLANO) > app_words.LEAST_EASE > reading.ease(OFICIAL)


def test_a_screen_is_judged_by_all_its_words_and_small_screens_together() -> None:
    words = {"a.long": " ".join(OFFICIAL * 2), "b.short": "Sent", "c.short": "Hide"}
    assert [problem.split(":")[0] for problem in app_words.hard_to_read(words, "en")] == ["a"]
    assert app_words.screens(words)["small screens"] == ["Sent", "Hide"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "You had a relapse."),
        ("en", "Submit"),
        ("en", "Well done!"),
        ("en", "Don't forget your check-in."),
        ("es", "Tuviste una recaída."),
        ("es", "Estás limpia."),
        ("es", "Bienvenid@"),
        ("es", "Juntos/as"),
        ("es", "¡Muy bien!"),
    ],
)
def test_a_word_that_hurts_is_found(language: str, text: str) -> None:
    assert list(app_words.bad_words({"today.words": text}, language))


@pytest.mark.parametrize(
    ("spanish", "problem"),
    [
        ({}, "today.next: only in English"),
        ({"today.next": "A las 6"}, "today.next: other placeholders in Spanish"),
        ({"today.next": "A las {time}", "today.more": "Más"}, "today.more: only in Spanish"),
    ],
)
def test_the_two_languages_say_the_same_things(spanish: dict[str, str], problem: str) -> None:
    assert list(app_words.unlike({"today.next": "At {time}"}, spanish)) == [problem]


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("t('today.next', { time: clock(at) })", []),
        ("t('today.next', { time })", []),
        ("t('today.next')", ["today.tsx: today.next lacks time"]),
        ("t('today.next', { at })", ["today.tsx: today.next lacks time"]),
        ("t(`today.${what}`, { time })", []),
        ("t('tools.next')", ["today.next: nothing shows it"]),
    ],
)
def test_a_text_is_used_with_its_placeholders(source: str, problems: list[str]) -> None:
    assert list(app_words.misused({"today.next": "At {time}"}, {"today.tsx": source})) == problems


def test_both_forms_of_a_counted_text_get_their_number() -> None:
    words = {"today.things_one": "{n} thing", "today.things_other": "{n} things"}
    assert not list(app_words.misused(words, {"today.tsx": "counted('today.things', 2)"}))


def test_a_counted_text_gets_its_other_values_too() -> None:
    words = {"today.helped_one": "{eased} of {n}", "today.helped_other": "{eased} of {n}"}
    calls = {"a.tsx": "counted('today.helped', tries.rated, { eased })"}
    assert not list(app_words.misused(words, calls))
    calls = {"a.tsx": "counted('today.helped', tries.rated)"}
    assert len(list(app_words.misused(words, calls))) == 2


@pytest.mark.parametrize(
    ("text", "source", "problem"),
    [
        ("Call 1-800-662-4357", "", None),
        ("Call 988 or 911", "", None),
        ("Call 555-0140", "", "help.call: the number 555-0140"),
        ("Call 998", "", "help.call: the number 998"),
        ("", "<a href='tel:988'>", "help.tsx: links to numbers are made in"),
    ],
)
def test_a_number_that_nobody_checked_is_found(text: str, source: str, problem: str | None) -> None:
    problems = "".join(app_words.strange_numbers({"help.call": text}, {"help.tsx": source}))
    assert problems.startswith(problem) if problem else not problems


def test_a_wrong_digit_among_the_stated_numbers_is_found() -> None:
    stated = (
        "export const CRISIS = '989'\nexport const EMERGENCY = '911'\nconst S = '1-800-662-4357'"
    )
    problems = list(app_words.strange_numbers({}, {app_words.WHERE_NUMBERS_STAND: stated}))
    assert problems == [f"{app_words.WHERE_NUMBERS_STAND}: 988, 989"]
