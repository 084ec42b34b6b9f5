"""What a reviewer compares results with: the pattern of the rare earths, and what was found before."""
