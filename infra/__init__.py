"""What baro runs on."""
