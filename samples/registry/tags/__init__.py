"""Tags on their way to the bag: blocks reserved for coordinators, labels to print, and the address on each label."""
