"""Papers: documents of authorities, drawn down by what leaves under them, and custody forms for when nothing works."""
