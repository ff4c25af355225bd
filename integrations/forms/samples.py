"""What a test run is given besides the definition: values of variables, and a response to try the transform on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from integrations.engine.outcome import ReceivedResponse

LONGEST_VALUE = 64 * 1024
LARGEST_BODY = 2 * 1024 * 1024


def sample_values(data: QueryDict) -> dict[str, str]:
    """Read the pairs `sample.name`, `sample.value`; too long a value is cut."""
    pairs = zip(data.getlist("sample.name"), data.getlist("sample.value"), strict=False)
    return {name[:300]: value[:LONGEST_VALUE] for name, value in pairs}


class SampleResponseForm(forms.Form):
    """The pinned or hand-edited response; only looked at when it is wanted."""

    status = forms.IntegerField(min_value=100, max_value=599, initial=200)
    body = forms.CharField(required=False, strip=False, max_length=LARGEST_BODY)

    def __init__(self, data: Any = None, *, wanted: bool = False) -> None:
        super().__init__(data, prefix="response")
        self.wanted = wanted
        self.fields["status"].required = wanted

    def response(self) -> ReceivedResponse | None:
        if not self.wanted:
            return None
        body: str = self.cleaned_data["body"]
        return ReceivedResponse(status=self.cleaned_data["status"], body=body, size=len(body.encode()))
