"""The ASGI application of the data path: one door, a table of routes, a verified release behind them."""
