"""What differs between these groups of texts?"""
