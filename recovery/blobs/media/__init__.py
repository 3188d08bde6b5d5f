"""Cleans pictures and recordings.

The files are untrusted, so this runs in a separate process, without the server's secrets and
connections, and knows nothing of it.
"""
