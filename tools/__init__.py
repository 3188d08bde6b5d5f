"""Programs that developers run: local servers, checks, benchmarks, the demonstration."""
