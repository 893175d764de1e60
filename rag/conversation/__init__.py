"""A question beside those before it: does it go on with them, and what was it about?"""
