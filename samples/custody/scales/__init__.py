"""Scales: each with a name, its division, and a check weight once a day."""
