"""The files that clinicians edit (content/): which kinds there are, and how they are checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from rest_framework import serializers

from foundation.strict_yaml import BadFile, KeyPath, read_file
from recovery.care.actions.inputs.preset import Preset
from recovery.management.demonstration_file import DemonstrationFile
from recovery.practice.rules.exercise import ExerciseSpec
from recovery.privacy.actions.wordings import PublishConsentForm, PublishNotice

FOLDER: Path = settings.BASE_DIR / "content"
Content = dict[str, Any]
# Words that judge, in what patients read. See "How we write" in content/README.md.
JUDGING = re.compile(
    r"\b(relapse[sd]?|clean|dirty|addicts?|recaídas?|limpi[oa]s?|suci[oa]s?|adict[oa]s?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """Files of one form. `stem`: the name that a file must have, from what is in it."""

    name: str
    pattern: str
    form: type[serializers.Serializer[Any]]
    stem: str
    quotes_the_law: bool = False

    def read(self, path: Path) -> Content:
        """What the file says, checked. Raises CommandError with every error in it."""
        try:
            document = read_file(path)
        except BadFile as error:
            raise CommandError(str(error)) from error
        errors = sorted(self._errors(document.content), key=lambda error: document.line(error[0]))
        if errors:
            raise CommandError("\n".join(document.error(*error) for error in errors))
        content: Content = document.content
        return content

    def read_all(self, folder: Path) -> dict[Path, Content]:
        """Every file of this kind, in order. Raises CommandError with every error."""
        return _all_or_errors(sorted(folder.glob(self.pattern)), self.read)

    def _errors(self, content: Content) -> Iterator[tuple[KeyPath, str]]:
        form = self.form(data=content, context={})
        yield from (slips := dict(_slips(form, content, ()))).items()
        if not form.is_valid():
            yield from (each for each in _messages(form.errors, ()) if each[0] not in slips)
        if not self.quotes_the_law:
            yield from _judgements(content, ())


EXERCISE = Kind("exercise", "exercises/*.yaml", ExerciseSpec, "{slug}")
NOTICE = Kind("notice", "texts/notice.*.yaml", PublishNotice, "notice.{version}", True)
CONSENT = Kind(
    "consent", "texts/consent.*.yaml", PublishConsentForm, "consent.{kind}.{version}", True
)
PROGRAMME = Kind("programme", "programmes/*.yaml", Preset, "{slug}")
DEMONSTRATION = Kind("demonstration", "demonstration/*.yaml", DemonstrationFile, "{programme}")
KINDS = (EXERCISE, NOTICE, CONSENT, PROGRAMME, DEMONSTRATION)


def read_folder(folder: Path) -> dict[Path, Content]:
    """Every file of every kind. Raises CommandError with every error, also if two have one id."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml"))
    contents = _all_or_errors(paths, lambda path: _read_named(path, folder))
    ids = {
        path: str(content["id"]).lower() for path, content in contents.items() if "id" in content
    }
    count = Counter(ids.values())
    twice = [path for path, id_ in ids.items() if count[id_] > 1]
    if twice:
        raise CommandError(
            "\n".join(f"{path}:1: id: Another file has the same id." for path in twice)
        )
    return contents


def _read_named(path: Path, folder: Path) -> Content:
    relative = path.relative_to(folder).as_posix()
    kind = next((kind for kind in KINDS if fnmatch(relative, kind.pattern)), None)
    if kind is None:
        patterns = ", ".join(kind.pattern for kind in KINDS)
        raise CommandError(f"{path}:1: the file: Nothing reads it. What is read: {patterns}.")
    content = kind.read(path)
    stem = kind.stem.format_map(content)
    if path.stem != stem:
        raise CommandError(f"{path}:1: the file: Call it {stem}.yaml.")
    return content


def _all_or_errors(paths: Iterable[Path], read: Callable[[Path], Content]) -> dict[Path, Content]:
    contents, errors = {}, []
    for path in paths:
        try:
            contents[path] = read(path)
        except CommandError as error:
            errors.append(str(error))
    if errors:
        raise CommandError("\n".join(errors))
    return contents


def _slips(field: Any, value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Text where a number, or true or false, is expected, such as 024 or yes; a number for a UUID.

    Fields convert such text, because forms send nothing else. In a file it is a slip.
    """
    if isinstance(field, serializers.Serializer):
        for name in field.fields.keys() & (value.keys() if isinstance(value, dict) else ()):
            yield from _slips(field.fields[name], value[name], (*path, name))
    elif isinstance(field, serializers.ListSerializer | serializers.ListField):
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _slips(field.child, item, (*path, index))
    elif isinstance(value, str) and isinstance(field, serializers.BooleanField):
        yield path, "Write true or false."
    elif isinstance(value, str) and isinstance(
        field, serializers.IntegerField | serializers.FloatField
    ):
        yield path, "Write a plain number, such as 24 or 1.5."
    elif isinstance(value, int) and isinstance(field, serializers.UUIDField):
        yield path, "Write a UUID."  # the field reads 5 as 00000000-0000-0000-0000-000000000005


def _messages(errors: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every message in a serializer's nested errors, with its path."""
    if isinstance(errors, dict):
        for key, inner in errors.items():
            yield from _messages(inner, path if key == "non_field_errors" else (*path, key))
    elif any(isinstance(inner, dict | list) for inner in errors):
        for index, inner in enumerate(errors):
            yield from _messages(inner, (*path, index))
    else:
        for sentence in errors:
            yield path, str(sentence)


def _judgements(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Words that judge, in texts by language."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _judgements(inner, (*path, key))
    elif isinstance(value, str) and path[-1] in ("en", "es") and (word := JUDGING.search(value)):
        yield path, f'"{word[0]}" judges people. See "How we write" in content/README.md.'
