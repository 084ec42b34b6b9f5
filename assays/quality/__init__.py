"""Evaluation of quality control, the gate that withholds, overrides by two persons, preferred values."""
