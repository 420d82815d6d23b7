"""What the comments show, read from the store and from GitHub at one moment."""
