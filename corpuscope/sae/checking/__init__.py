"""Whether a dictionary was loaded as it was trained, and what is wrong if not.

`measures` measures it on states, `alternatives` are the usual mistakes undone one by one, and
`diagnosis` decides whether one of them is likely. Nothing is ever changed silently.
"""
