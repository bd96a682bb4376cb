"""For what data may be used, on whose consent, and what was made of them."""
