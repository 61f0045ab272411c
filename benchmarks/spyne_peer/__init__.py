"""The peer of the look-ups: plain spyne with xmlsec, the way such services are usually written."""
