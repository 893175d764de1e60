"""What search asks: FAISS over vectors, BM25 over words. Both are caches of the store, kept as checked snapshots."""
