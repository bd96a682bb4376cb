"""The command line: one file a verb, each thin. What a verb does is decided in the rooms below."""
