"""Authentication: accounts, device sessions, tokens, proofs and the sign-in ceremony."""
