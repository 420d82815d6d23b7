"""GitHub's REST API over the state."""
