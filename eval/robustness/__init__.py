"""What is lost when the page is damaged, sources disagree, noise comes in, or the question is put otherwise.

``suite.py`` has the corruptions as a table; each makes trials (a corpus, and what is asked of it) out of the
clean ones. Everything random is drawn from a seed and the corruption's name, so a row can be run alone.
"""
