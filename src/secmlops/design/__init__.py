"""What can go wrong and what answers it: the public threat catalogues, the project's threat model, its coverage."""
