"""Seminars and company tours: giving them, their seats, their people, the way in. Callers name the module they mean."""
