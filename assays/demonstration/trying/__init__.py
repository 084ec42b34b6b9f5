"""Files to try the product with: one of every layout, made of the demonstration's own samples, most with something to find."""
