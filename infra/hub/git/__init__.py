"""Bare repositories, read and written as GitHub does."""
