"""The journey of a project through its stages: in order, control by control, gate by gate."""
