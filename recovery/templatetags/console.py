"""The parts of the console's pages."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recovery.console import words
from recovery.console.built import index, url
from recovery.console.dates import written
from recovery.console.desk import Desk
from recovery.console.menu import sections
from recovery.people.roles import Duty

register = template.Library()
# In place of Django's, which puts the parts of a date in English order in every language.
register.filter("date", written, expects_localtime=True)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside words, so screen readers skip it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        url(index()["icons"]),
        name,
    )


@register.simple_block_tag(takes_context=True)
def form(context: Any, content: str, do: str, style: str = "stack", **hidden: Any) -> SafeString:
    """A form for one act of the page, which is drawn again in its place. `hidden`: what else it
    sends. It counts once, however often it is sent: the script keeps its key until the server has
    decided."""
    fields = {"csrfmiddlewaretoken": context.get("csrf_token", ""), "do": do, **hidden}
    return SafeString(
        render_to_string(
            "console/parts/form.html",
            {
                "path": context["request"].get_full_path(),
                "hidden": fields,
                "key": uuid.uuid4(),
                "style": style,
                "content": content,
            },
        )
    )


@register.inclusion_tag("console/parts/field.html", takes_context=True)
def field(context: Any, name: str, **options: Any) -> dict[str, Any]:
    """A labelled control. `type`: of an input, or `text` for several lines. `choices`: pairs of a
    select. After a refusal it has what was typed, and says what is wrong with it.

    Other names: label, hint, value, kind (a class), autocomplete, inputmode, required, rows, wrong,
    lang (of what is typed);
    `of`: the act whose form it is in, where other forms of the page have a field of this name.
    """
    posted, problem = context.get("posted"), context.get("problem") or {}
    if posted and options.get("of", posted.get("do")) != posted.get("do"):
        posted, problem = None, {}
    wrong = options.get("wrong") or problem.get("errors", {}).get(name)
    value = posted.get(name) if posted and name in posted else options.get("value")
    return {
        "name": name,
        "id": f"{options.get('prefix', 'field')}-{name}",
        "type": "text",
        **options,
        "value": "" if value is None else value,
        "wrong": wrong,
    }


@register.inclusion_tag("console/parts/passkey.html", takes_context=True)
def passkey(context: Any, path: str, title: str, make: bool = False) -> dict[str, Any]:
    """A button that asks for a passkey and sends it to `path`. `make`: a new one. The script shows
    it where the browser has passkeys."""
    query = context["request"].GET.urlencode()
    return {
        "path": f"{path}?{query}" if query else path,
        "title": title,
        "make": make,
        "csrf_token": context.get("csrf_token", ""),
        "none": gettext("No passkey was used. Try again, or go on with a code."),
    }


@register.inclusion_tag("console/parts/wrong.html", takes_context=True)
def wrong(context: Any, name: str) -> dict[str, Any]:
    """What is wrong with several controls together, after a refusal."""
    problem = context.get("problem") or {}
    return {"wrong": problem.get("errors", {}).get(name)}


@register.simple_tag
def live_sign() -> SafeString:
    """Whether the page shows changes at once. The script fills it in."""
    return format_html(
        '<span class="live" data-state="begins" role="status" data-on="{}" data-off="{}">{}</span>',
        gettext("Live"),
        gettext("Not live. Checking every 30 s."),
        gettext("Connecting"),
    )


@register.inclusion_tag("console/parts/menu.html", takes_context=True)
def menu(context: Any) -> dict[str, Any]:
    """The pages that this person's work needs."""
    desk, here = context["desk"], context["request"].path
    return {
        "desk": desk,
        "sections": [
            (title, [(entry, entry.current(here)) for entry in entries])
            for title, entries in sections(desk)
        ],
        "here": here,
        "csrf_token": context.get("csrf_token", ""),
    }


@register.inclusion_tag("console/parts/menu_keys.html", takes_context=True)
def menu_keys(context: Any) -> dict[str, Any]:
    return {"sections": sections(context["desk"])}


@register.filter
def has(desk: Desk, duty: str) -> bool:
    """Whether the person's role carries the duty of this name."""
    return desk.has(Duty[duty])


@register.filter
def dialled(phone: str) -> str:
    """The address that calls this number, which may have an extension."""
    number, _, extension = re.sub(r"[^\d+x]", "", phone.lower()).partition("x")
    return f"tel:{number};ext={extension}" if extension else f"tel:{number}"


register.simple_tag(words.hours)
