"""Methods, limits, profiles, instruments, reference materials (not built yet)."""
