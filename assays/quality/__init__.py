"""Evaluation of quality control, charts, the gate, preferred values (not built yet)."""
