"""Fixtures for everybody: the database (tests/databases.py) and the processes
(tests/processes.py)."""

pytest_plugins = ["tests.databases", "tests.processes"]
