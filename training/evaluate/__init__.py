"""Evaluators under one protocol: score first, use later."""
