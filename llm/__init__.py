"""Vendors and money. Knows no plan, no git, no GitHub."""
