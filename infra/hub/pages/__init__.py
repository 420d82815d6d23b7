"""Plain web pages over the hub's state, so that a newcomer sees what happens."""
