"""Worked examples: whole projects that are ready to run, without data of any real person."""
