"""Django's PostgreSQL backend, with transactions that wait for the server as seldom as they can."""
