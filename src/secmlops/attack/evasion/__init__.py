"""Evasion: rows changed a little so that a model answers them wrongly, within what an adversary could change.

Every attack works on a ``Hunt``: it asks about changed rows, all of them in one batch, and the hunt keeps the cheapest
change that evaded. An attack of decisions looks only at whether a row evaded, one of scores at the margin, one of
gradients at the slope where the model shows one.
"""
