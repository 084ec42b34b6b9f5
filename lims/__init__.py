"""What every floor stands on: people, the record, due work, the API and the pages in common."""
