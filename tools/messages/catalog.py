"""What the console says, collected from templates and code, and its translations.

The catalogue is a gettext file that translators' programs open. Its compiled form is committed, so
that a server needs no compiler.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from foundation.problems import kinds
from tools.local.data_directory import CHECKOUT

FOLDER = CHECKOUT / "recovery" / "locale" / "es" / "LC_MESSAGES"
WRITTEN, COMPILED = FOLDER / "django.po", FOLDER / "django.mo"
TEMPLATES = CHECKOUT / "recovery" / "templates" / "console"
CODE = CHECKOUT / "recovery"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    # The sentence of a refusal, which a page shows.
    "Refused": (2,),
}
# The time of writing would make each run another file.
ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "# What the console says, in Spanish. `make messages` collects new texts and compiles.\n#"


def extracted() -> Catalog:
    """Every text that is said in English, with the file where it is said."""
    catalog = Catalog(
        locale="es",
        header_comment=HEADER,
        project="Handrail",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        fuzzy=False,
    )
    for path, source in _sources():
        where = path.relative_to(CHECKOUT).as_posix()
        for _, message, _, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            catalog.add(message, locations=[(where, 0)], context=context)
    for kind in kinds():
        catalog.add(kind.title, locations=[("foundation/problems.py", 0)])
    return catalog


def _sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        like_code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # Its indentation is that of HTML.
        yield path, "\n".join(line.lstrip() for line in like_code.splitlines())
    for path in sorted(CODE.rglob("*.py")):
        yield path, path.read_text(encoding="utf-8")


def stored() -> Catalog:
    if not WRITTEN.exists():
        return Catalog(locale="es")
    with WRITTEN.open("rb") as file:
        return read_po(file, locale="es")


def update(more: dict[str, str | tuple[str, ...]] | None = None) -> list[str]:
    """Write and compile the catalogue. `more`: translations by the English text. Returns what is
    not translated."""
    catalog, before = extracted(), stored()
    for message in catalog:
        if not message.id:
            continue
        known = before.get(message.id, message.context)
        singular = message.id if isinstance(message.id, str) else message.id[0]
        translation = (more or {}).get(singular)
        message.string = translation or (known.string if known else "") or message.string
    FOLDER.mkdir(parents=True, exist_ok=True)
    WRITTEN.write_bytes(_po(catalog))
    COMPILED.write_bytes(compiled(stored()))
    return untranslated(catalog)


def untranslated(catalog: Catalog) -> list[str]:
    """The texts of a catalogue that have no translation."""
    missing = (m.id for m in catalog if m.id and not (m.string and all(_forms(m.string))))
    return [each if isinstance(each, str) else each[0] for each in missing]


def _forms(translation: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (translation,) if isinstance(translation, str) else tuple(translation)


def compiled(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    catalog.creation_date = catalog.revision_date = ANY_DAY
    write_mo(buffer, catalog)
    return buffer.getvalue()


def _po(catalog: Catalog) -> bytes:
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, omit_header=False, include_lineno=False)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if b"-Date:" not in line)
