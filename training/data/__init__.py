"""Shards, loaders and the corpora they are made from."""
