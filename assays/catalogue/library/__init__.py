"""The library of reference materials: lots with their state, makers' certificates, certified values from files."""
