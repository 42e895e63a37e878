"""What must lie in the folder, and that it agrees with itself."""
