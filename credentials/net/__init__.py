"""The parts of the door: URLs, addresses, names, connections, answers, redirects. Used by credentials.egress only."""
