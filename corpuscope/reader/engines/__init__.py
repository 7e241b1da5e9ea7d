"""What computes the states of the built-in reader where torch is not needed: OpenVINO, numpy."""
