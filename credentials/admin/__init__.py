"""The back office: Django's admin over the services. Writes go through them, so that each is checked and recorded."""

from credentials.admin import audit, credentials, organizations

__all__ = ["audit", "credentials", "organizations"]
