"""Answers that a language model words, each sentence checked against the source before it is shown.

    messages = messages_for(question, passages)      the passages as data             prompt.py
    for piece in model.write(messages, seconds): …   a server, or a local model       endpoint.py, local.py
    sentences = CitedSentences(count).feed(piece)    sentences and their markers      markers.py
    checker.quotes_for(sentence)                     the characters that bear it out  checking.py
    write(…)                                         all of it, or why it failed      writing.py

The model is believed in nothing: what no cited characters bear out is struck out and counted, and when it
is down, slow or talks nonsense, the extractive answer is shown and the answer says so.
"""
