"""The forms of the authoring pages: they clean what an author typed, and know neither services nor pages."""
