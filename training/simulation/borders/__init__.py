"""What crosses the border posts: freight, travellers, hidden persons."""
