"""What holds in care, stated once: calculations as pure functions, permissions as sentences."""
