"""A GitHub for one machine. Imports nothing of baro."""
