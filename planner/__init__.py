"""From a request and a read-only repository to a plan. Runs nothing, writes nothing."""
