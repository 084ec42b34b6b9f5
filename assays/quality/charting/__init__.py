"""Quality control over time: control charts, duplicates, blanks, insertion rates, laboratories side by side."""
