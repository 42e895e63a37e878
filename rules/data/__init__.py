"""Which data a run may see, and when."""
