"""A day in the programme, played against the real processes through public interfaces only."""
