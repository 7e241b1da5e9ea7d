"""Which properties travel together that one would not expect to?"""
