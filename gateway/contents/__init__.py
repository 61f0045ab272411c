"""XML to commands and answers to XML, one module a service."""
