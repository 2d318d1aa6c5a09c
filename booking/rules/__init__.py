"""The office's terms as pure functions: no Django, no clock, no network, no database."""
