// Front page of Conformance.
