"""Portions: bags taken up at the bench, split, stored, prepared, used, returned and thrown away."""
