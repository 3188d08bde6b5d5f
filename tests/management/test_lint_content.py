"""`manage.py lint_content`: every error in content/ is reported with its file, line and key."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from foundation.strict_yaml import read_file
from recovery.management.content import FOLDER, KINDS, Kind
from tools.local.data_directory import CHECKOUT

STOP = FOLDER / "exercises" / "stop.yaml"
NORTHLIGHT = FOLDER / "programmes" / "northlight.yaml"


def lint(folder: Path) -> str:
    output = StringIO()
    call_command("lint_content", str(folder), stdout=output)
    return output.getvalue().strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "content")
    return tmp_path / "content"


def change(folder: Path, path: Path, before: str, after: str) -> str:
    """Replace the first such text in the copy of the file, and return what lint says."""
    copy = folder / path.relative_to(FOLDER)
    text = copy.read_text(encoding="utf-8")
    assert before in text
    copy.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        lint(folder)
    return str(refusal.value).replace(f"{copy.parent}/", "")


def test_a_folder_without_content_is_a_mistake(tmp_path: Path) -> None:
    for nothing in (tmp_path, tmp_path / "none", STOP):
        with pytest.raises(CommandError, match="no content"):
            lint(nothing)


def test_all_that_ships_is_well() -> None:
    files = len(list(FOLDER.rglob("*.yaml")))
    assert lint(FOLDER) == f"{files} files, all well"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("id: 01a2002e-dd22-7544-be10-b6e76b0e92dd", "id: 5", "stop.yaml:2: id: Write a UUID."),
        ("version: 1", "version: 0", "stop.yaml:4: version: "),
        ("version: 1", "version: '1'", "stop.yaml:4: version: Write a plain number"),
        ("minutes: 2", "minutes: 1:30", "stop.yaml:7: minutes: Write a plain number"),
        ("minutes: 2", "minutes: 02", "stop.yaml:7: minutes: Write a plain number"),
        ("minutes: 2", "minutes: 1_0", "stop.yaml:7: minutes: Write a plain number"),
        ("minutes: 2", "minutes: 2\nwithdrawn: no", "stop.yaml:8: withdrawn: Write true or false"),
        ("  en: STOP", "  en: true", "stop.yaml:9: title.en: "),
        ("  en: STOP", "  en:", "stop.yaml:9: title.en: "),
        ("  en: STOP", "  en: Stay clean", 'stop.yaml:9: title.en: "clean" judges people'),
        ("method: dbt_informed", "method: dbt", "stop.yaml:5: method: "),
        ("needs: [anger", "needs: [hunger", "stop.yaml:6: needs[0]: "),
        ("  es: ALTO\n", "", "stop.yaml:8: title.es: Not translated."),
        ("  es: ALTO", "  es: ALTO\n  fr: ALT", "stop.yaml:11: title.fr: No such language."),
        ("minutes: 2", "minutes: 2\nminutes: 3", "stop.yaml:8: minutes: This key is there twice."),
        ("minutes: 2\n", "", "stop.yaml:1: minutes: This field is required."),
        ("minutes: 2", "minutes: 2\nhint: 2", "stop.yaml:8: hint: There is no such field."),
        ("        seconds: 20\n", "", "steps[1].fields[0].seconds: A timer field needs it."),
        ("type: timer", "type: clock", "steps[1].fields[0].type: "),
        ("id: inside", "id: outside", "steps: More than one field is called outside."),
        ("id: freeze", "id: Freeze!", "steps[0].id: Small letters, digits and _ only."),
        ("id: leave", "id: talk", "More than one option is called talk."),
        ("title:\n", "title: [\n", "this is not YAML"),
        ("about: distress", "about: joy", "rating.about: "),
        ("slug: stop", "slug: halt", "stop.yaml:1: the file: Call it halt.yaml."),
    ],
)
def test_an_error_in_an_exercise(folder: Path, before: str, after: str, message: str) -> None:
    assert message in change(folder, STOP, before, after)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"988"', '"989"', "helplines: A helpline of kind crisis with the number 988 must stay"),
        ('"911"', '"112"', "helplines: A helpline of kind emergency with the number 911 must stay"),
        ('"555-0141"', '"call us"', "contacts.front_desk.number: Write a telephone number"),
        ("code: alumni", "code: after", "levels: The level alumni must stay in the list"),
        ("success, mood", "success, moods", "check_in.questions[1]: "),
        ("slots: [day]", "slots: [noon]", "check_in.slots[0]: "),
        ("offered: true", "offered: yes", "levels[0].offered: Write true or false."),
        ("target: 9,", "target: 09,", "levels[0].hours_per_week.target: Write a plain number"),
        ("code: evening", "code: morning", "tracks: More than one has the code morning."),
        ("minimum_age: 18", "minimum_age: 17", "minimum_age: "),
        ("time_zone: America/Los_Angeles", "time_zone: Mars/Olympus", "time_zone: "),
    ],
)
def test_an_error_in_a_preset(folder: Path, before: str, after: str, message: str) -> None:
    errors = change(folder, NORTHLIGHT, before, after)
    assert errors.startswith("northlight.yaml:")
    assert message in errors


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        ("texts/notice.2026-02.yaml", "2026-02-16", "2026-02-30", "effective_on: "),
        ("texts/notice.2026-02.yaml", '"2026-02"', '"2026-03"', "Call it notice.2026-03.yaml."),
        ("demonstration/northlight.yaml", "leader: noor", "leader: nora", "nora is not one of"),
        ("demonstration/northlight.yaml", "alumni: [rosa]", "alumni: [roza]", "roza is not one"),
        ("demonstration/northlight.yaml", "key: ines", "key: noor", "noor is there twice"),
    ],
)
def test_an_error_in_other_files(
    folder: Path, path: str, before: str, after: str, message: str
) -> None:
    assert message in change(folder, FOLDER / path, before, after)


def test_texts_stay_as_they_were_typed(folder: Path) -> None:
    copy = folder / "exercises" / "stop.yaml"
    text = copy.read_text(encoding="utf-8")
    copy.write_text(text.replace("  en: STOP", "  en: 024").replace("  es: ALTO", "  es: 3.10"))
    lint(folder)
    assert read_file(copy).content["title"] == {"en": "024", "es": "3.10"}


def test_a_file_that_nothing_reads_is_reported(folder: Path) -> None:
    (folder / "exercises" / "more.yml").write_text("a: 1")
    with pytest.raises(CommandError, match=r"more\.yml:1: the file: Nothing reads it"):
        lint(folder)


def test_two_files_with_one_id_are_reported(folder: Path) -> None:
    text = (folder / "exercises" / "stop.yaml").read_text(encoding="utf-8")
    text = text.replace("slug: stop", "slug: stop-again").replace("-be10-", "-BE10-")
    (folder / "exercises" / "stop-again.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as refusal:
        lint(folder)
    assert str(refusal.value).count("Another file has the same id.") == 2


def test_errors_of_all_files_are_reported_at_once(folder: Path) -> None:
    for name in ("stop", "halt"):
        (folder / "exercises" / f"{name}.yaml").write_text("a: [")
    with pytest.raises(CommandError) as refusal:
        lint(folder)
    assert len(str(refusal.value).splitlines()) == 2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_published_schema_accepts_what_ships(kind: Kind) -> None:
    name = f"docs/content/{kind.name}.schema.json"
    schema = json.loads((CHECKOUT / name).read_text())
    Draft202012Validator.check_schema(schema)
    for path in sorted(FOLDER.glob(kind.pattern)):
        Draft202012Validator(schema).validate(read_file(path).content)
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert (
            first == f"# yaml-language-server: $schema=../../docs/content/{kind.name}.schema.json"
        )
