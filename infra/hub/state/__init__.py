"""What the hub remembers: plain objects in memory."""
