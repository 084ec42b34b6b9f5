"""From the laboratory’s door to the decision."""
