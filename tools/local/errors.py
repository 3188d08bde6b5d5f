class CannotStart(Exception):
    """The message is shown to the developer: one sentence on what is wrong and what to do."""
