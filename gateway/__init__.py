"""Who calls us: bytes from the wire, the pipeline of stages, contents, SOAP."""
