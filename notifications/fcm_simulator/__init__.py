"""Firebase Cloud Messaging on loopback: strict where Google is, and programmable.

`make run`, the tests and the benchmarks send to it through the same transport, credentials
included, that talks to Google in production.
"""
