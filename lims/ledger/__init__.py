"""The record: every change of every domain table, sealed, signed and witnessed."""
