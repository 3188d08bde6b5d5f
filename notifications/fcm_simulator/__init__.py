"""Firebase Cloud Messaging on loopback, and the push service of browsers: as strict as the real
ones, with answers that can be set.

`make run`, the tests and the benchmarks send to it through the same transport and credentials
code that talks to the real services in production.
"""
