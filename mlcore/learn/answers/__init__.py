"""Figures that answer common questions: each a function that returns its figures by name."""
