"""The release room: a model made fit to be handed on: scanned, described, signed, approved, promoted, packaged."""
