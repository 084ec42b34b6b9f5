"""What a laboratory means by its cells: profiles, dated and versioned, said in words."""
