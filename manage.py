#!/usr/bin/env python
"""The command line of Parley: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from config.env import BadEnvironment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(f"Parley cannot start: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
