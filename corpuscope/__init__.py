"""Read corpora with a language model and a sparse autoencoder, then ask what is in them."""
