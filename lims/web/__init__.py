"""What all pages have in common: the shell, components, navigation, notices."""
