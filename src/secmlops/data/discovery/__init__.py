"""Finds personal data in tables and texts, proposes their protection, and lets none pass that is not protected."""
