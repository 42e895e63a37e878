"""From few bits to one counted file."""
