#!/usr/bin/env python
"""The command line of Parley: `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from config.env import BadEnvironment

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(f"Parley cannot start: {error}")
    except OperationalError as error:
        if "no such table" not in str(error) and "does not exist" not in str(error):
            raise
        sys.exit("The database is not set up yet. Run `make run` once, or `python manage.py migrate`.")
    except KeyboardInterrupt:
        sys.exit(130)
