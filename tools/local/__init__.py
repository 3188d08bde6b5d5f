"""Starts real servers on one machine: PostgreSQL and Valkey from wheels, and `make run`.

Nothing here is imported by the product itself; in production the same processes run
against real servers (see docker-compose.yml).
"""
