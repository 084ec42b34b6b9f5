"""Elements, oxides, units, censored values: pure functions without Django (not built yet)."""
