"""The network, in small parts."""
