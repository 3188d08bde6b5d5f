"""What a reader sees: visible texts, texts that look alike, names that give another name away."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.text import first_twice, flaw, is_visible, looks_like, reveals, skeletons, storable

INVISIBLE = [
    "",
    " \t\n\r\x0b\x0c\x85\xa0\u1680\u2028\u3000",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e",
    "\u2800",
    "\u3164\uffa0\u115f\u1160",
    "\U000e0041\U000e007f",
    "\ufe0f\U000e0100",
    "\u202a\u202e\u2066\u2069\u061c\u200e",
    "\u0301\u20dd",
    "\ufffc",
    "\0\x1b",
    "\ud800",
    "\U0001d159",
    "\ufff9\ufffb",
    "\U0001ffff",
]


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_nothing_to_see(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "0",
        "ñ",
        "\u200bx",
        "❤\ufe0f",
        "👩\u200d🌾",
        "\U0001faff",
        "م",
        "नि",
        "桜",
        "\ue000",
        "۝",
    ],
    ids=ascii,
)
def test_something_to_see(text: str) -> None:
    assert is_visible(text)
    assert is_visible(f"\n\u2800{text}\u200b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heron", "HERON"),
        ("Heron", "Heron\u200b"),
        ("Heron", "H\u2060e\u00adron\ufe0f"),
        ("Heron", " Heron\u3000"),
        ("Blue  heron", "Blue heron"),
        ("Blue heron", "Blue-heron."),
        ("Heron", "H\u0435ron"),  # Cyrillic
        ("Leader", "L\u0435ader"),
        ("Ben", "\u0392en"),  # Greek
        ("HERON", "\u0397\u0395R\u039f\u039d"),
        ("Heron", "\uff28\uff45\uff52\uff4f\uff4e"),  # full width
        ("Heron", "\U0001d573\U0001d58a\U0001d597\U0001d594\U0001d593"),  # mathematical
        ("Heron", "\u24bd\u24d4\u24e1\u24de\u24dd"),  # circled
        ("Heron", "\u029c\u1d07\u0280\u1d0f\u0274"),  # small capitals
        ("Heron", "\U0001f157\U0001f154\U0001f161\U0001f15e\U0001f15d"),  # negative circled
        ("Jos\u00e9", "Jose\u0301"),
        ("José", "Jose"),
        ("Łukasz", "Lukasz"),
        ("Straße", "STRASSE"),
        ("Ines", "lnes"),
        ("Sam", "Sarn"),
        ("Leo", "Le0"),
        ("Heron", "H\u20dde\u20ddr\u20ddo\u20ddn\u20dd"),  # in rings
        ("\u05db\u05d4\u05df", "\u05db\u05bc\u05b9\u05d4\u05b5\u05df"),  # Hebrew with points
        ("M\u00fcller", "Mueller"),
    ],
    ids=ascii,
)
def test_two_texts_that_look_alike(one: str, other: str) -> None:
    assert looks_like(one, other)
    assert looks_like(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Heron", "Wren"),
        ("Heron", "Heron 2"),
        ("🌻", "🌙"),
        ("!", "?"),
        ("नेहा", "नूहा"),
        ("Ana", "Anna"),
    ],
)
def test_two_texts_that_do_not(one: str, other: str) -> None:
    assert not looks_like(one, other)


def test_the_first_that_is_there_twice() -> None:
    assert first_twice(["Wren", "Heron", "Fern", "h\u0435ron"]) == "h\u0435ron"
    assert first_twice(["Wren", "Heron", "Fern"]) is None


@given(st.text(min_size=1))
def test_every_text_looks_like_itself_in_every_normal_form(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert looks_like(text, unicodedata.normalize(form, text))
    assert "" not in skeletons(text)


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_stored_can_be_stored(text: str) -> None:
    kept = storable(text)
    assert "\0" not in kept
    kept.encode()
    assert storable(kept) == kept
    if "\0" not in text and text.isprintable():
        assert kept == text


@pytest.mark.parametrize(
    "name",
    ["H\u0435ron", "P\u0430ul", "Hero\u03b7", "Heron\n", "\u202enoreH", "A\u2028B"],
    ids=ascii,
)
def test_a_deceiving_name_has_a_flaw(name: str) -> None:
    assert flaw(name)


@pytest.mark.parametrize(
    "name",
    [
        "Heron 2",
        "O’Brien-Núñez",
        "Иван Ivan",
        "さくらサクラ桜Sakura",
        "김Kim",
        "李明",
        "नेहा",
        "مریم\u200cجان",
        "Nguyễn",
        "👩\u200d🌾 Fern",
    ],
)
def test_a_name_of_any_people_has_none(name: str) -> None:
    assert flaw(name) is None


@pytest.mark.parametrize(
    ("given_name", "family_name", "alias"),
    [
        ("Ana", "Muñoz", "Ana Muñoz."),
        ("Ana", "Muñoz", "Munoz"),
        ("Ana", "Muñoz", "M u ñ o z"),
        ("Ana", "Muñoz", "MUN0Z"),
        ("Ana", "Muñoz", "Mun\u0303oz"),
        ("Ana", "Muñoz", "Mu\u200bñoz"),
        ("Ana", "Muñoz", "ana"),
        ("Ana", "Muñoz", "amunoz85"),
        ("Ana", "Kowalska", "ana_kowalska"),
        ("Ana", "Kowalska", "AnaKowalska"),
        ("Ana", "Kowalska", "kowalskaana"),
        ("Ana", "Kowalska", "MrsKowalska1"),
        ("Ana", "Kowalska", "K\u043ewalska"),
        ("Sean", "O’Brien", "O'Brien"),
        ("Sean", "O'Brien", "obrien"),
        ("Sean", "O’Brien", "Brien"),
        ("Wei", "Li", "Li"),
        ("Wei", "Li", "Wei-Li"),
        ("Wei", "Li", "weili"),
        ("Rosa", "de la Cruz", "Cruz"),
        ("Rosa", "de la Cruz", "DelaCruz"),
        ("Rosa", "García-López", "Lopez"),
        ("Hans", "Müller", "Mueller"),
        ("Hans", "Mueller", "Müller"),
        ("Mary", "Brown", "mbrown"),
        ("Mary", "Brown", "BrownM"),
        ("Ana", "Nair", "\u24dd\u24d0\u24d8\u24e1"),
        ("Ana", "Nair", "\U0001f17d\U0001f170\U0001f178\U0001f181"),
        ("Ana", "Nair", "Na!r"),
        ("Ana", "Nair", "Na|r"),
        ("Ana", "Nair", "Nair!"),
        ("\u05d3\u05d5\u05d3", "\u05db\u05d4\u05df", "\u05db\u05bc\u05b9\u05d4\u05b5\u05df"),
        ("Maria", "Smith", "$m1th"),
        ("明", "李", "李明"),
        ("王小明", "", "小明"),
        ("김민수", "", "민수"),
        ("Sukarno", "", "Sukarno"),
        ("", "Sukarno", "sukarno!"),
    ],
)
def test_an_alias_that_gives_a_name_away(given_name: str, family_name: str, alias: str) -> None:
    assert reveals(alias, [given_name, family_name])


@pytest.mark.parametrize(
    ("given_name", "family_name", "alias"),
    [
        ("Ana", "Muñoz", "Heron"),
        ("Ana", "Muñoz", "Manana"),
        ("Wei", "Li", "Lily"),
        ("Wei", "Li", "Olivia"),
        ("Ana", "Li", "Lia"),
        ("Maria", "Ng", "Morning"),
        ("Jo", "Stone", "Limestone"),
        ("Jo", "Fisher", "Kingfisher"),
        ("Tommy", "Ng", "Mommytommys"),
        ("Mia", "Ng", "Amiable"),
        ("Rosa", "de la Cruz", "La Reina"),
        ("Maria", "O", "Otter"),
        ("", "", "Heron"),
    ],
)
def test_an_alias_that_only_has_the_same_letters(
    given_name: str, family_name: str, alias: str
) -> None:
    assert not reveals(alias, [given_name, family_name])


@given(st.text(max_size=40), st.text(max_size=80), st.text(max_size=80))
def test_any_alias_can_be_judged(alias: str, given_name: str, family_name: str) -> None:
    flaw(alias)
    assert reveals(alias, [given_name, family_name]) in (True, False)
