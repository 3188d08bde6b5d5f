"""Who is asking: sessions, tokens, proofs, and the ceremony by which one signs in."""
