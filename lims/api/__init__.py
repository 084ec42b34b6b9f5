"""What all of the API has in common: problems, pages of lists, idempotency, its description."""
