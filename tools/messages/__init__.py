"""The console's texts in Spanish: `make messages` collects the English ones, and compiles."""
