"""Dashboards, plots, the grade report and its verification (not built yet)."""
