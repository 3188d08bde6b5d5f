"""Apps that speak the protocol of docs/protocol.md."""
