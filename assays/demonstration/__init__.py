"""Invented analyses, policies and journeys, made by the verbs themselves, so that they cannot drift from the rules."""
