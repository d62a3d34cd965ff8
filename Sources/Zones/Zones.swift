// Time zones from the system's database, for readers that are given their zone from outside.
//
// `Imports` knows no zone database; whoever reads a file in local time gives it a `SystemZone`.
