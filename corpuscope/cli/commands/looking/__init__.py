"""Commands that show what there is: a store, a feature, a document, two documents."""
