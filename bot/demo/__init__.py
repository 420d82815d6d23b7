"""The whole product on one machine: a hub, a sample repository, people who act, and baro itself."""
