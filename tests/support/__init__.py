"""What tests of whole exchanges share: installation, server, caller, second opinion."""
