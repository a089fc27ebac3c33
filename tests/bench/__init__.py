"""`make bench`: what the real server does beside the search engine it asks."""
