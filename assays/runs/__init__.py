"""Portions, runs with quality control placed, run sheets, review (not built yet)."""
