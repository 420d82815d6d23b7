"""GitHub, people and SQL: from a webhook to a comment."""
