"""How do these texts group along an axis that I name?"""
