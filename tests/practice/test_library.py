"""Each exercise is published once to all readers of a language and never changes."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from foundation.problems import NotAllowed, Refused
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership
from recovery.practice.models import Exercise
from recovery.signin.models import User
from tests.cast import act, act_as_system, bodies, content, make_user, open_library
from tests.roles import as_role

SHIPPED = settings.BASE_DIR / "content"


def load(folder: Path) -> str:
    """`manage.py load_library` as an operator runs it; raises CommandError if it refuses."""
    output = StringIO()
    with as_role("jobs"):
        call_command("load_library", str(folder), stdout=output)
    return output.getvalue()


def reader(locale: str) -> User:
    """A new user who reads the library in one language."""
    user = make_user()
    open_library(user, locale)
    return user


@transaction.atomic
def spanish_seqs() -> list[int]:
    """The sequence spanish_seqs of all entries in the Spanish library."""
    set_actor(reader("es").id)
    library = scopes.scope_id("library:es")
    return sorted(FeedEntry.objects.filter(scope_id=library).values_list("seq", flat=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one exercise."""
    (tmp_path / "exercises").mkdir()
    text = yaml.safe_dump(content("stop"), allow_unicode=True)
    (tmp_path / "exercises" / "stop.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_library_is_loaded_once_in_both_languages(committed_db: None):
    assert load(SHIPPED) == "12 exercises, 12 new in the library\n"
    english = {document["slug"]: document for document in bodies(reader("en"), "exercise")}
    spanish = {document["slug"]: document for document in bodies(reader("es"), "exercise")}
    assert english.keys() == spanish.keys() == {p.stem for p in SHIPPED.glob("exercises/*")}
    assert english["stop"]["title"] == "STOP"
    assert spanish["stop"]["title"] == "ALTO"
    assert spanish["stop"]["exercise"] == english["stop"]["exercise"] == content("stop")["id"]
    assert spanish["stop"]["steps"][1]["fields"][0]["seconds"] == 20
    before = spanish_seqs()
    assert load(SHIPPED) == "12 exercises, 0 new in the library\n"
    assert spanish_seqs() == before


def minutes_by_version() -> list[tuple[int, int]]:
    documents = bodies(reader("en"), "exercise")
    return [(document["version"], document["minutes"]) for document in documents]


def publish(**changed: object) -> dict[str, object]:
    outcome = act_as_system("practice.publish_exercise", **(content("stop") | changed))
    return dict(outcome.data)


def test_a_published_version_never_changes_and_later_ones_are_added(committed_db: None):
    assert publish()["published"] is True
    with pytest.raises(Refused, match="Make it the next version") as refusal:
        publish(minutes=3)
    assert refusal.value.code == "version_exists"
    assert minutes_by_version() == [(1, 2)]
    assert publish(minutes=3, version=3)["published"] is True
    assert minutes_by_version() == [(1, 2), (3, 3)]
    assert publish()["published"] is False
    with pytest.raises(Refused, match="A later version"):
        publish(version=2)
    assert minutes_by_version() == [(1, 2), (3, 3)]


def test_a_slug_belongs_to_one_exercise(committed_db: None):
    publish()
    with pytest.raises(Refused) as refusal:
        publish(id="0192d7a0-0000-7000-8000-000000000000")
    assert refusal.value.code == "slug_taken"
    assert Exercise.objects.count() == 1


def test_a_refusal_names_the_file(committed_db: None, folder: Path):
    publish(minutes=3)
    with pytest.raises(
        CommandError, match=r"stop\.yaml: version: This version has already been published"
    ):
        load(folder)
    assert minutes_by_version() == [(1, 3)]


def test_a_library_with_errors_changes_nothing(committed_db: None, folder: Path):
    (folder / "exercises" / "wrong.yaml").write_text("slug: wrong\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"wrong\.yaml:1: steps: This field is required\."):
        load(folder)
    assert not Exercise.objects.exists()


def test_an_empty_folder_is_an_error(committed_db: None, tmp_path: Path):
    with pytest.raises(CommandError, match=r"holds no exercises"):
        load(tmp_path)


@pytest.mark.django_db
def test_users_cannot_publish_exercises():
    user = make_user()
    with pytest.raises(NotAllowed):
        act(user, "practice.publish_exercise", **content("stop"))
    assert not Exercise.objects.exists()
    assert not Membership.objects.filter(role="librarian").exists()
