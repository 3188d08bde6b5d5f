"""Fixtures for everybody; the test database is in tests/databases.py."""

pytest_plugins = ["tests.databases"]
