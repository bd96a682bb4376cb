"""Making a model forget rows that it learnt from: one way a file, and a planner that picks the cheapest honest one."""
