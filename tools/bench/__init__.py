"""Benchmarks: each module's `run()` returns one line of figures or several."""
