"""Damaged files for everything that reads what strangers send."""
