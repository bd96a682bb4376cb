"""The pictures of the report: one file a chart, each a pure function from numbers to SVG and a table of the same."""
