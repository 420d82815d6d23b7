"""What the demo is given: issues, prepared replies and a sample repository."""
