"""Permissions, the format of exercises and answers, and the ranking."""
