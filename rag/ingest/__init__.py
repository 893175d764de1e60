"""What becomes of a file on its way in: divided into documents and passages, told of, kept in step, read again."""
