"""The live socket: hints that something changed, for phones whose app is open.

Losing any of it loses nothing; a pull is always right. Protocol: sync-protocol §2.5,
docs/asyncapi.yaml.
"""
