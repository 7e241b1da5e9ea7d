"""What there is to see: a store, a feature, a document, two documents. Claims nothing."""
