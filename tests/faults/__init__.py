"""Real faults on real processes: `make soak`, or `make soak` with `-k` by hand.

Each test has servers of its own on loopback and stops them. invariants.py checks what must hold
afterwards. report.py stores the findings of each run for docs/reliability.md.
"""
