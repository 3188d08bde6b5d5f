"""Real servers on one machine: PostgreSQL and Valkey from wheels, and `make run`.

The product imports nothing from here. In production the same processes run against real servers
(see docker-compose.yml).
"""
