"""The pinned response and the sample values of a deleted integration, for its undo: in Redis, for half an hour, for who
deleted it. A history does not hold them: they may be of people, and are there on an author's word only.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import get_user_model

from integrations.models import Integration, SampleValues
from integrations.services import uploads


def keep(row: Integration, *, user: Any) -> str:
    """Keep them, and return what finds them again; nothing where there are none, or nowhere to keep them."""
    values = list(SampleValues.objects.filter(integration=row).values_list("user", "values"))
    if user is None or not (row.pinned_response or values):
        return ""
    data = json.dumps([row.pinned_response, values]).encode()
    try:
        return uploads.keep(user, name=row.name, data=data, purpose=_purpose(row))
    except uploads.NotKept:
        return ""


def put_back(row: Integration, *, user: Any, token: str) -> None:
    """Give them to the integration that is back, as long as they are kept."""
    try:
        found = uploads.find(user, token=token, purpose=_purpose(row)) if token else None
    except uploads.NotKept:
        return
    if found is None:
        return
    pinned, values = json.loads(found.data)
    Integration.objects.filter(pk=row.pk).update(pinned_response=pinned)
    there = set(get_user_model().objects.filter(pk__in=[pk for pk, _ in values]).values_list("pk", flat=True))
    rows = [SampleValues(integration=row, user_id=pk, values=each) for pk, each in values if pk in there]
    SampleValues.objects.bulk_create(rows)


def _purpose(row: Integration) -> str:
    return f"pinned-{row.bot_id}-{row.key}"
