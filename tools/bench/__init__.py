"""Benchmarks: each module's `run()` answers one figure or several, printed as JSON lines."""
