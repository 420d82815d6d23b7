"""What a story's agent can do: five tools over one workspace, and two ways to finish."""
