"""The attack and failure suite: tables of cases, each with what must come of it. docs/torture.md says more."""
