"""`make torture`: run the cases of the chosen areas and print what escaped, or prove that each mutation is caught."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.torture import command  # noqa: E402 - the cases need the settings

if __name__ == "__main__":
    sys.exit(command.main(sys.argv[1:]))
