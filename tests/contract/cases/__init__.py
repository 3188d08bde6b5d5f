"""What is played for every action, a module for each domain: importing is the registration."""

from tests.contract.cases import alumni, care, groups, people, practice, privacy  # noqa: F401
