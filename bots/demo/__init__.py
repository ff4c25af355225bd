"""The demo: a small API to call, and bots that call it. The product itself needs nothing of it."""
