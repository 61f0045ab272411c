"""The published SOAP services: spyne holds their interface and finds the operation."""
