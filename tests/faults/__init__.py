"""Real faults on real processes: `make soak`, or `make soak` with `-k` by hand.

Everything has servers of its own, on loopback, and ends by itself. What must hold afterwards is
in invariants.py; what each run found is kept by report.py for docs/reliability.md.
"""
