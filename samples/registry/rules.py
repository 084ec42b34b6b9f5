"""Enums and formulas of the registry."""
