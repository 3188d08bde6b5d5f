"""`make docs`: write the parts of docs/ that are derived from the code."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.checks.settings")
    django.setup()
    from tools.docs.pages import PAGES  # imports the registries, which need Django set up

    for path, page in PAGES.items():
        path.write_text(page(), encoding="utf-8")
