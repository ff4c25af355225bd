"""Bots and what an author builds in them; published versions; channel keys."""

from __future__ import annotations

import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from credentials.models import Organization
from integrations.models import Environment, Integration


def interaction_key() -> str:
    """Forty hexadecimal digits, as exported interactions have."""
    return secrets.token_hex(20)


class BotQuerySet(models.QuerySet["Bot"]):
    def for_user(self, user: Any) -> BotQuerySet:
        return self.filter(organization__memberships__user=user)


class Bot(models.Model):
    """`editors` says who saved the settings, and the global functions, last."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="bots")
    key = models.CharField(max_length=64, default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=400, blank=True)
    language = models.CharField(max_length=20, default="en-US")
    environment = models.ForeignKey(Environment, models.SET_NULL, null=True, blank=True, related_name="bots")
    session_seconds = models.PositiveIntegerField("Session length", default=3600)
    failure_text = models.CharField(
        "Failure text", max_length=400, blank=True, default="Sorry, I could not find anything for that."
    )
    error_text = models.CharField(
        "Default User-Friendly Response",
        max_length=400,
        blank=True,
        default="Sorry, something went wrong here. Please try again.",
    )
    fallback_text = models.CharField(
        "Fallback text",
        max_length=400,
        blank=True,
        default="Not able to understand your question. Can you please re-phrase it?",
    )
    split_long_texts = models.BooleanField("Split long texts", default=True)
    debug = models.BooleanField("Debug", default=True)
    global_functions = models.TextField("Global functions", blank=True)
    editors = models.JSONField(default=dict, blank=True, editable=False)
    live_version = models.ForeignKey("Version", models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.JSONField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = BotQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="bot_name_per_organization")]

    def __str__(self) -> str:
        return self.name


class ImportedDocument(models.Model):
    """The export document that a bot was imported from, as text: a JSON column would not keep its order and spelling.

    A row of its own, so that no page that shows a bot reads it.
    """

    bot = models.OneToOneField(Bot, models.CASCADE, related_name="imported_document")
    text = models.TextField()

    def __str__(self) -> str:
        return f"what {self.bot_id} was imported from"


class DialogQuerySet(models.QuerySet["Dialog"]):
    def for_user(self, user: Any) -> DialogQuerySet:
        return self.filter(bot__organization__memberships__user=user)


class Dialog(models.Model):
    class Kind(models.TextChoices):
        STANDARD = "standard", "Standard"
        FALLBACK = "fallback", "Fallback"

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="dialogs")
    key = models.CharField(max_length=64, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=400, blank=True)
    kind = models.CharField("Type", max_length=20, choices=Kind.choices, default=Kind.STANDARD)
    enabled = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    source = models.JSONField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = DialogQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "key"], name="dialog_key_per_bot"),
            models.UniqueConstraint(
                fields=["bot"],
                condition=Q(kind="fallback"),
                name="one_fallback_dialog_per_bot",
                violation_error_message="This bot already has a fallback dialog.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def for_user(self, user: Any) -> InteractionQuerySet:
        return self.filter(bot__organization__memberships__user=user)


class Interaction(models.Model):
    """One tile. `kind` is a bots.engine.spec.Kind or an imported name; `content` and `rules` are the JSON
    of bots.engine.spec.Content and of a list of bots.engine.spec.Rule; `editors` says who saved each aspect last."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="interactions")
    dialog = models.ForeignKey(Dialog, models.CASCADE, related_name="interactions")
    key = models.CharField(max_length=64, default=interaction_key, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField("Type", max_length=60)
    enabled = models.BooleanField(default=True)
    delay_ms = models.PositiveIntegerField("Delay", default=0)
    position = models.PositiveIntegerField(default=0)
    content = models.JSONField(default=dict, blank=True)
    integration = models.ForeignKey(Integration, models.PROTECT, null=True, blank=True, related_name="interactions")
    rules = models.JSONField(default=list, blank=True)
    pre_process = models.TextField("Pre-Process Code", blank=True)
    post_process = models.TextField("Post-Process Code", blank=True)
    process_response = models.TextField("Process User Response", blank=True)
    comment = models.CharField(max_length=240, blank=True)
    editors = models.JSONField(default=dict, blank=True, editable=False)
    source = models.JSONField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = InteractionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "name"], name="interaction_name_per_bot"),
            models.UniqueConstraint(fields=["bot", "key"], name="interaction_key_per_bot"),
        ]

    def __str__(self) -> str:
        return self.name


class Intent(models.Model):
    """What a consumer may want, imported or made here. `phrases` and `patterns` are lists of texts."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="intents")
    key = models.CharField(max_length=200, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    phrases = models.JSONField("Example phrases", default=list, blank=True)
    patterns = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["bot", "key"], name="intent_key_per_bot")]

    def __str__(self) -> str:
        return self.name


class SavedTest(models.Model):
    """A conversation test kept with the bot: a transcript and canned API answers, both as YAML text, and how its
    latest run ended. What the runs found is kept in Redis, for an hour."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="saved_tests")
    name = models.CharField(max_length=100)
    transcript = models.TextField()
    answers = models.TextField("API answers", blank=True)
    last_ok = models.BooleanField(null=True, blank=True, editable=False)
    last_summary = models.CharField(max_length=200, blank=True, editable=False)
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="saved_test_name_per_bot")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """What a publish froze: the whole BotSpec as JSON. Never changed."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    note = models.CharField(max_length=400, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["bot", "number"], name="version_number_per_bot")]

    def __str__(self) -> str:
        return f"{self.bot} version {self.number}"


class ChannelKey(models.Model):
    """Lets a channel begin conversations with a bot. Only a digest is kept."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="channel_keys")
    label = models.CharField(max_length=100, default="Channel")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label
