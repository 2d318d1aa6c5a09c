"""The environment as the settings read it: a value stands in its variable, or in the file that ``<NAME>_FILE`` names (secrets of containers)."""

from django.core.exceptions import ImproperlyConfigured
from environ import Env
from environ.fileaware_mapping import FileAwareMapping


class SecretFiles(FileAwareMapping):
    """The line feed at the end of a file is no part of the secret. Raises ImproperlyConfigured where a file cannot be read."""

    def __getitem__(self, key: str) -> str:
        named = self.env.get(f"{key}_FILE")
        try:
            value: str = super().__getitem__(key)
        except (OSError, UnicodeDecodeError) as failure:
            reason = getattr(failure, "strerror", None) or "it is not text"
            raise ImproperlyConfigured(f"{key}_FILE names {named}, which cannot be read: {reason}.") from failure
        return value.rstrip("\r\n") if named else value


class Environment(Env):
    """django-environ's reader over both ways."""

    ENVIRON = SecretFiles()
