"""What both apps need: problems, request bodies, Valkey, encryption at rest. Knows no domain."""
