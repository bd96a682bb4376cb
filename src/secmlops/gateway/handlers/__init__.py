"""What the gateway answers, once the door has let a request in: one file for each sort of question."""
