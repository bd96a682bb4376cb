"""Settings for projects that are only a means: attacks on their models that are over in a moment."""

CONTROLS = """\
controls:
  assurance.evasion: {rows: 10, queries: 50}
  assurance.hardening: {queries: 20, outputs: {}}
  assurance.membership: {references: 2, candidates: 200}
  assurance.watch: {queries: 60, thieves: 1, customers: 2}
"""
