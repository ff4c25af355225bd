"""Environments, API integrations and what authors keep beside them.

An integration belongs to a bot; the bot is known here only as the row it belongs to
(docs/decisions/integration-belongs-to-a-bot.md).
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from credentials.models import Credential, Organization


class EnvironmentQuerySet(models.QuerySet["Environment"]):
    def for_user(self, user: Any) -> EnvironmentQuerySet:
        return self.filter(organization__memberships__user=user)


class Environment(models.Model):
    """A named set of key/value pairs that bots read as `{$env.key}`."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="environments")
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=400, blank=True)
    values = models.JSONField(default=dict, blank=True)
    updated_by = models.CharField(max_length=150, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="environment_name_per_organization")
        ]

    def __str__(self) -> str:
        return self.name


class Method(models.TextChoices):
    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"


class IntegrationQuerySet(models.QuerySet["Integration"]):
    def for_user(self, user: Any) -> IntegrationQuerySet:
        return self.filter(bot__organization__memberships__user=user)


class Integration(models.Model):
    """An API integration; the labels are those of Conversation Builder. Rows are `[{"key": …, "value": …}]`."""

    bot = models.ForeignKey("bots.Bot", models.CASCADE, related_name="integrations")
    key = models.CharField(max_length=64, default=uuid.uuid4, editable=False)
    name = models.CharField("Integration Name", max_length=100)
    response_variable = models.CharField("Response Data Variable Name", max_length=100)
    type = models.CharField("Integration Type", max_length=20, default="API", choices=[("API", "API")])
    method = models.CharField("Method", max_length=10, choices=Method.choices, default=Method.GET)
    url = models.CharField("URL", max_length=2000)
    credential = models.ForeignKey(
        Credential, models.PROTECT, related_name="integrations", null=True, blank=True, verbose_name="Credential"
    )
    use_default_headers = models.BooleanField("Use default headers", default=True)
    headers = models.JSONField("Request Headers", default=list, blank=True)
    parameters = models.JSONField("Request Parameters", default=list, blank=True)
    body = models.TextField("Post Body", blank=True)
    transform_script = models.TextField("Transform Result Script", blank=True)
    fields = models.JSONField("Custom Data Fields", default=list, blank=True)
    timeout_seconds = models.PositiveSmallIntegerField("Timeout", default=20)
    retries = models.PositiveSmallIntegerField("Retries", default=3)
    follow_redirects = models.BooleanField("Follow redirects", default=True)
    slow_message = models.CharField("Slow call message", max_length=400, blank=True)
    slow_after_seconds = models.PositiveSmallIntegerField("Slow call delay", default=4)
    pinned_response = models.JSONField(null=True, blank=True)
    source = models.JSONField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = IntegrationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "name"], name="integration_name_per_bot"),
            models.UniqueConstraint(fields=["bot", "key"], name="integration_key_per_bot"),
        ]

    def __str__(self) -> str:
        return self.name


class SampleValues(models.Model):
    """The sample values that one user last gave for the variables of one integration."""

    integration = models.ForeignKey(Integration, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "user"], name="samples_per_user")]

    def __str__(self) -> str:
        return f"samples of {self.user_id} for {self.integration_id}"


class Revision(models.Model):
    """One save of one item: who changed which columns, from what, to what, as `{column: [before, after]}`.

    item: the key that the item keeps for ever, empty for what a bot has once. what: created, changed, deleted or back.
    together: marks the revisions of one action. Of a deleted item `changes` holds all that puts it back, as `snapshot`.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    bot = models.ForeignKey("bots.Bot", models.CASCADE, related_name="revisions", null=True)
    kind = models.CharField(max_length=20)
    item = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200)
    what = models.CharField(max_length=20)
    changes = models.JSONField(default=dict)
    together = models.CharField(max_length=32, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["bot", "kind", "item", "-id"], name="revisions_of_item"),
            models.Index(fields=["organization", "kind", "item", "-id"], name="revisions_of_organization"),
            models.Index(fields=["organization", "at"], name="revisions_by_age"),
            models.Index(fields=["together"], name="revisions_together", condition=~models.Q(together="")),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.kind} {self.name}"
