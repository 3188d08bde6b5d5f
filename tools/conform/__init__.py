"""The conformance server: the real endpoints, scripted trouble in front, and a judge of clients."""
