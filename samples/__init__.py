"""From the mine to the laboratory’s door: mines, batches, samples, tags, custody."""
