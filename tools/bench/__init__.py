"""Benchmarks: each module's `run()` returns one figure or several, printed as JSON lines."""
