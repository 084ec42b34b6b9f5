"""Layouts, preview, commit, re-issue, grid entry (not built yet)."""
