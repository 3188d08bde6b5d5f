"""Everything that registers itself, in the open: importing this file is the registration."""
