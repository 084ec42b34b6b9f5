"""The offline application and its sync (not built yet)."""
