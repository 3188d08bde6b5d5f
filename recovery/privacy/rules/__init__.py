"""When a consent counts, and what the words that people sign must contain."""
