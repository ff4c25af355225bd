"""`make bench`: how fast Parley is on this machine, told in multiples of a floor that is measured in the same run."""
