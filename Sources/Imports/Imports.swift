// Front page of Imports.
