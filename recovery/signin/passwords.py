"""Password hashing: argon2id with 19 MiB, two passes, one lane (OWASP's first choice, 26 ms)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19456
    parallelism = 1
