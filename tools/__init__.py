"""Programs for developers: local servers, checks, benchmarks, the demonstration."""
