"""The portal as in production, with the bare pages of this folder beside it."""

from toyooka_hw.settings import *  # noqa: F403 - everything is as it is there

ROOT_URLCONF = "tests.bench.urls"
