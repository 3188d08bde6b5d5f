"""Firebase Cloud Messaging on loopback: as strict as Google, with answers that can be set.

`make run`, the tests and the benchmarks send to it through the same transport and credentials
code that talks to Google in production.
"""
