"""Tests of the hub, line by line of what it promises."""
