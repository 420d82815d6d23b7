"""Disposable working folders for stories, and what came out of them."""
