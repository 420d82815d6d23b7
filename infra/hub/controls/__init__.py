"""`/_hub/...`: what a test does to the hub from another process."""
