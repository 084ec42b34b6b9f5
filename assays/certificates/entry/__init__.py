"""Results typed at the bench: a draft cell by cell that several people fill, committed as a generated certificate."""
