"""Coming in with a code: who asks is known only by the code itself."""
