"""What both apps stand on: problems, the Valkey client, encryption at rest. Knows no domain."""
