"""Values and pure rules: what a subject, a finding, a piece of evidence and a verdict are. Standard library only."""
