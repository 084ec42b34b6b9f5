"""People, organisations, roles and who sees what."""
