"""Tests of what baro runs on."""
