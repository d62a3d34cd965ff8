// What this target is: see the table in Sources/ARCHITECTURE.md.
