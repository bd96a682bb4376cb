"""One file a stage: which controls look at what, and what one hands to the next."""
