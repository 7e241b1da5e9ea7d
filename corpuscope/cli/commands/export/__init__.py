"""Write a store or a dictionary in the format of another tool."""
