"""Bring stored settings to the form that `care.change_settings` checks."""

from typing import Any

from django.db import migrations

GONE = {"course": ["ends_by_itself"], "reminders": ["medication_lead_minutes"]}
GONE_OF_LEVELS = ("group_hours_per_day", "session_hours")
EMERGENCY = {
    "code": "emergency",
    "kind": "emergency",
    "number": "911",
    "hours": "24/7",
    "name": {"en": "Emergency", "es": "Emergencias"},
}


def _current(settings: dict[str, Any]) -> dict[str, Any]:
    for name, keys in GONE.items():
        for key in keys:
            settings.get(name, {}).pop(key, None)
    for level in settings.get("levels", ()):
        for key in GONE_OF_LEVELS:
            level.pop(key, None)
    lines = settings.get("helplines", [])
    if not any(line["kind"] == "emergency" for line in lines):
        settings["helplines"] = [EMERGENCY, *lines]
    return settings


def bring_up_to_date(apps: Any, _editor: Any) -> None:
    for programme in apps.get_model("recovery", "Programme").objects.all():
        programme.settings = _current(programme.settings)
        programme.preset = _current(programme.preset)
        programme.save(update_fields=["settings", "preset"])


class Migration(migrations.Migration):
    dependencies = [("recovery", "0001_initial")]
    operations = [migrations.RunPython(bring_up_to_date, migrations.RunPython.noop)]
