"""Management commands of the credentials app."""
