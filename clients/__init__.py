"""Client halves of the protocol in docs/protocol.md."""
