"""From the training library to one script: merged, cut down to what a preset reaches, rewritten."""
