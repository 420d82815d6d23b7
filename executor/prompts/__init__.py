"""The words a story's agent is given."""
