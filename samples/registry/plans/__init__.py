"""Sampling plans: sites and numbers before the first bag, progress against them, and the owner's blind QC items."""
