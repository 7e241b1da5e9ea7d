"""Which texts have this property?"""
