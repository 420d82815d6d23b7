"""What can happen on the hub: change state, then announce it."""
