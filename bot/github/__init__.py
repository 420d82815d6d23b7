"""The only package that calls GitHub."""
