"""One module for each family of layouts, with a function `read`; see `foreign.layouts`."""
