"""One run, from shards to a submission folder."""
