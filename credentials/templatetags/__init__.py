"""Template tags of the credentials app."""
