"""What the measures mean, stage by stage: a label, how the number is written, plain words."""
