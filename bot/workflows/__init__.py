"""The only place that starts planning or execution for somebody on GitHub."""
