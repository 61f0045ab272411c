"""Reading, signing and verifying XML messages, on its own: elements in, elements out."""
