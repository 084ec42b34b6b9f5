"""Asking a laboratory for an analysis, and what has come of it: samples expected against samples reported."""
