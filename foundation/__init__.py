"""What both apps need: problems, request bodies, the database backend, Valkey, encryption at rest.

Knows no domain.
"""
