"""Where the commands of a repository run: walled in, timed, and heard only so far."""
