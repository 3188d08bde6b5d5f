"""The rules of care: calculations as pure functions, and permissions."""
