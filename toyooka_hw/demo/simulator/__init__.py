"""A stand-in for Zoom: a server that speaks its HTTP API and has rooms to enter, so that the real client is driven over real HTTP.

It knows nothing of the portal. Where Zoom surprises (a start time it cannot read becomes "now", what is not sent follows the account's
defaults, a start in the past is ignored on update) it surprises too.
"""
