class CannotStart(Exception):
    """One plain sentence for the person at the keyboard: what is wrong and what to do."""
