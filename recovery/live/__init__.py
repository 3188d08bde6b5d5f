"""The live socket: hints that something changed, for phones whose app is open.

Any hint may be lost without harm, because a pull is always right. Protocol: docs/asyncapi.yaml.
"""
