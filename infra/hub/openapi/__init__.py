"""GitHub's own description of its API, and the check against it."""
