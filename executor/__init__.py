"""From an approved plan to a branch with evidence. Knows no GitHub and no SQL."""
