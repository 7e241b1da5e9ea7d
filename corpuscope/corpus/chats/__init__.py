"""Converts chats and dialogues to one text with roles."""
