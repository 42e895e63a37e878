"""Optimisers, schedules, averaging."""
