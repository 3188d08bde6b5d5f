"""Runs several management commands in one process, because starting Django takes the longest."""

import json
import os
import sys

import django
from django.core.management import call_command


def main(commands: list[list[str]]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    django.setup()
    for name, *arguments in commands:
        call_command(name, *arguments)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
