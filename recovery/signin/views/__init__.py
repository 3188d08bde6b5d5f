"""Requests about accounts that are no actions: who asks is not known yet, or only by a token."""
