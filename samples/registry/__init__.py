"""Mines, batches, samples, tags, external numbers and holds."""
