"""What language is made of, for all of ``rag``."""
