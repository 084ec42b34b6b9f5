"""Consignments, seals, custody events, checks, incidents, receiving (not built yet)."""
