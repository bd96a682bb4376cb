"""Robust training: models fitted to keep their answers under the changes that an adversary could pay for."""
