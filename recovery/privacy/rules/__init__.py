"""When a consent is in force, and what a text to sign must contain."""
