"""What people type in YAML is read as typed, or refused with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.strict_yaml import BadFile, read, read_file

# Each of these is something else for one YAML parser or another.
GUESSED = (
    *("024", "0251234567", "0o17", "0x1F", "0b11", "1_000", "+1", "-0", "007"),
    *("18:00", "1:30", "1:30:15", "3.10", "1.0e3", "1e3", ".5", "5.", ".inf", ".nan", "-.INF"),
    *("yes", "no", "on", "off", "y", "n", "True", "FALSE", "Null", "NULL", "~"),
    *("2026-02-16", "2026-02-16 10:00:00", "9999999999999999", "=", "0.1234567890123456789"),
)


def errors(text: str) -> list[str]:
    with pytest.raises(BadFile) as refusal:
        read(text, "x.yaml")
    return str(refusal.value).splitlines()


@pytest.mark.parametrize("typed", GUESSED)
def test_what_yaml_guesses_stays_as_typed(typed: str) -> None:
    assert read(f"value: {typed}\nlist: [{typed}]", "x.yaml").content == {
        "value": typed,
        "list": [typed],
    }
    assert read(f"{typed}: value", "x.yaml").content == {typed: "value"}


@given(st.from_regex(r"[-+.:_0-9eExob]{1,12}", fullmatch=True))
@example("18:00")
def test_a_plain_value_prints_as_it_was_typed(typed: str) -> None:
    try:
        value = read(f"value: {typed}", "x.yaml").content["value"]
    except (BadFile, AttributeError):  # "-", ": " and the like are marks of YAML
        return
    if isinstance(value, str | int | float):
        assert str(value) == typed


def test_numbers_truth_and_nothing_are_what_json_calls_them() -> None:
    text = "a: 24\nb: 1.5\nc: -3\nd: true\ne: false\nf: null\ng:\nh: '24'\ni: \"true\"\nj: ''"
    assert read(text, "x.yaml").content == dict(
        zip("abcdefghij", [24, 1.5, -3, True, False, None, None, "24", "true", ""], strict=True)
    )


plain_words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")),
    max_size=20,
)
keys = plain_words.filter(lambda key: key not in ("<<", "?"))
trees = st.recursive(
    plain_words | st.integers(-1000, 1000) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(keys, trees))
def test_json_is_read_as_json(tree: dict[str, Any]) -> None:
    assert read(json.dumps(tree, ensure_ascii=False), "x.yaml").content == tree


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3", 3, "a: This key is there twice."),
        ("a:\n  b: {c: 1, c: 2}", 2, "a.b.c: This key is there twice."),
        ("a: &x 1\nb: *x", 2, "x: write it out"),
        ("a: &x 1", 1, "x: write it out"),
        ("a: {<<: {b: 1}}", 1, "A key must be a word."),
        ("a: 1\n? [b]\n: 2", 2, "A key must be a word."),
        ("a: !!int '3'", 1, "put text that begins with ! in quotes"),
        ("a: 1\nb: !secret x", 2, "!secret: put text"),
        ("a: 1\n---\nb: 2", 2, "one document"),
        ("a: 1\n...\nb: 2", 2, "one document"),
        ("%YAML 1.1\n---\na: 1", 1, "one document"),
        ('a: 1\nb: "\\0"', 2, "b: Write the characters"),
        ('a: 1\nb: ["\\ud83d\\ude00"]', 2, "b[0]: Write the characters"),
        ('"\\x07": 1', 1, "A key must be a word"),
        ("a: 1\nb: Room #3", 2, 'b: Put "Room #…" in quotes'),
        ("a: [x, Room #3\n]", 1, 'a[1]: Put "Room #…" in quotes'),
        ("a: one\n  two  # three", 1, 'a: Put "one two #…" in quotes'),
        ("a: 1\rb: 2", 1, "U+000D"),
        ("a: 1\nb: x\u2028y", 2, "U+2028"),
        ("a: 1\nb: \ufeffx", 2, "U+FEFF"),
        ("a: 1\nb: [", 2, "this is not YAML"),
        ("a: 1\n\tb: 2", 2, "this is not YAML"),
        ("a: 1\nb: \0", 2, "this is not YAML"),
        ("a: " + "[" * 99 + "]" * 99, 1, "nested too deeply"),
        ("a: " + "[" * 9999, 1, "nested too deeply"),
        ("- a", 1, "keys and values are expected"),
        ("only words", 1, "keys and values are expected"),
        ("# nothing", 1, "keys and values are expected"),
        ("", 1, "keys and values are expected"),
    ],
)
def test_what_nobody_expects_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    assert any(error.startswith(f"x.yaml:{line}: ") and says in error for error in errors(text))


def test_a_comment_may_follow_what_is_no_text() -> None:
    text = 'a: 4  # four\nb: [1]  # one\nc: "x"  # quoted\nd: x#y\ne:  # nothing\n# f'
    assert read(text, "x.yaml").content == {"a": 4, "b": [1], "c": "x", "d": "x#y", "e": None}


def test_every_error_is_reported_at_once() -> None:
    assert len(errors("a: 1\na: 2\nb: 1\nb: 2")) == 2


def test_an_error_names_the_line_of_what_is_around_a_missing_key() -> None:
    document = read("a:\n  - b: 1\n  - c: 1\n", "x.yaml")
    assert document.error(("a", 1, "c"), "m") == "x.yaml:3: a[1].c: m"
    assert document.error(("a", 1, "d", 0), "m") == "x.yaml:3: a[1].d[0]: m"
    assert document.error((), "m") == "x.yaml:1: the file: m"


def test_a_file_is_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffa: café\r\n".encode())
    assert read_file(path).content == {"a": "café"}
    path.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(BadFile, match=r"x\.yaml:2: the file: this is not UTF-8"):
        read_file(path)
    with pytest.raises(BadFile, match=r"y\.yaml:1: the file: No such file"):
        read_file(tmp_path / "y.yaml")


def test_it_reads_what_yaml_reads(request: pytest.FixtureRequest) -> None:
    for path in sorted((request.config.rootpath / "content").rglob("*.yaml")):
        assert read_file(path).content.keys() == yaml.safe_load(path.read_text()).keys()
