#!/usr/bin/env python
"""Django's command line. Without a DATABASE_URL it works on the demo: its running parts, or its data folder."""

import os
import sys

from toyooka_hw.demo.command_line import demo_around


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toyooka_hw.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - only with the settings named

    with demo_around(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
