"""The database: the only truth there is, written nowhere else."""
