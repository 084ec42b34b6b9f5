"""Policies, the estimator, decisions and flagging (not built yet)."""
