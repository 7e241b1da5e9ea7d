"""Where a reader, a corpus and a trainer meet: states on disk, and dictionaries from them."""
