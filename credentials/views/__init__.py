"""The pages of the administrators' area: function views that translate between requests and one service call."""
