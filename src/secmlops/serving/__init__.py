"""The decision core of the gateway: who may ask, what a request says, what is put on record. No network code."""
