"""Reports: leaves that turn results into text."""
