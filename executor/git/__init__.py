"""Bare mirrors, trees, merges and pushes: one of the two packages that may touch git."""
