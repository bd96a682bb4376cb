"""Tables of counts and means under differential privacy, and the budget that they are paid from."""
