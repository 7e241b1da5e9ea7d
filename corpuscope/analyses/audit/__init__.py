"""What is wrong with these labelled texts?"""
