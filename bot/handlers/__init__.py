"""One file per event: what it means for a change."""
