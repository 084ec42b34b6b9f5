"""Runs that are built here: portions and QC items placed in a rack by rule."""
