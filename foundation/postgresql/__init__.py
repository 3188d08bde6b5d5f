"""Django's PostgreSQL backend with pipelined transactions, which wait for the server less often."""
