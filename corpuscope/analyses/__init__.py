"""Questions, a folder each: a store goes in, a frozen result comes out."""
