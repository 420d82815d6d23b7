"""Every sentence baro says to a person: one file per thing said, rendered from typed data."""
