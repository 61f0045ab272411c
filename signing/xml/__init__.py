"""The safe parser, C14N, the SMEV 3 transform, XMLDSig, WS-Security, SMEV 2 and SMEV 3."""
