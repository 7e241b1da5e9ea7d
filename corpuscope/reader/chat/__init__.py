"""Renders chats by the reader's chat template, with a mapping back to the document's text."""
