// A portfolio and a market that do not exist, for the demonstration and for tests.
//
// `DemoBook` is a fixed set of accounts and entries; `MarketWalk` moves their prices from a seed:
// correlated through one market factor and one factor a group, with rare jumps. The module is pure:
// the same seed and the same calls give the same prices.
//
// Read in this order: `SeededGenerator.swift`, `DemoAssets.swift`, `DemoBook.swift`,
// `MarketWalk.swift`.
