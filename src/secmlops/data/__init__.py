"""The data room: reads tables, describes them, finds and protects personal data, and prepares examples for a model."""
