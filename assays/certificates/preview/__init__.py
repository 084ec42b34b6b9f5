"""What makes a preview trusted: a line beside its understanding, suggestions, layouts that are taught once."""
