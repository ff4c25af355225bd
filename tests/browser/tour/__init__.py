"""The tour: every screen and state of the product, for pictures (`make screenshots`) and for checks of each."""
