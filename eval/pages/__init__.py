"""How well a page is read as its articles: gold, generated pages, corruptions, metrics, runs.

gold.py         what is right for a page: block by block, and how that is read, written and checked
seeds.json      the gold of the seed page, made by hand
printing.py     articles -> a page of blocks, and its gold
corruptions.py  what happens to a page: columns cut, moved, repeated, lost; captions
articles.py     a JSONL file of articles -> articles with paragraphs
dressing.py     headlines, bylines, datelines, subheads, captions: templates over an article
generator.py    all of it together, seeded: pages with their gold
placement.py    documents -> where each block of the gold came to stand
scoring.py      the metrics, each with its convention
ordinary.py     texts in order, which should be left alone; torn pages, which should not
running.py      `chuchu eval pages`: read every page, score it, tell the worst mistakes
corruption_trials.py   `chuchu eval pages --corruption`: what reading a page well is worth to the answers
"""
