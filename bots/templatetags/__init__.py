"""Template tags of the bots app."""
