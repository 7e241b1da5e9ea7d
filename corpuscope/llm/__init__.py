"""Asks a language model, or whoever answers in its place, and keeps every answer.

`LLM.ask` takes requests and returns an answer for each, in order. Answers come from a cache, an
endpoint that speaks Chat Completions, a file of batch results, or recorded replies. What was paid
for is never lost, what could not be read is never an answer, and nothing is sent beyond the budget.
"""
