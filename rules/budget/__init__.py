"""Sixteen million bytes, ten minutes, and ten minutes more."""
