"""Who may do what here, and what the clinical content may be."""
