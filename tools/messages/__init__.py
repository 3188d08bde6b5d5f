"""The console's texts in Spanish: `make messages` collects what is said in English, and compiles."""
