"""What rises or falls along ordered groups of texts?"""
