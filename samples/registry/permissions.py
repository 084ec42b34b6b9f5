"""Who may do what with mines, batches and samples, as predicates registered by name."""
