"""Chats and dialogues to one text, with who says what."""
