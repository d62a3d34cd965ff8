// Portfolios, markets, venues and chains that do not exist, for the demonstration and for tests.
//
// `DemoBook` is a fixed set of accounts and entries; `MarketWalk` moves their prices from a seed.
// `SimulatedExchange` is a venue without a language: histories, books, matching. In front of it
// stand the dialects, one folder a venue, after the venues' own documents; beside them two chains.
// The module is pure: the same seed and the same calls, times included, give the same answers.
//
// Always: no balance of a history goes below zero, and whoever reads all that a dialect tells
// arrives at `SimulatedAccount.truth`. Books, prints and candles are functions of seed and time, so
// a snapshot over HTTP and the changes of a stream belong to one sequence.
//
// Read in this order: `SeededGenerator.swift`, `DemoAssets.swift`, `DemoBook.swift`,
// `MarketWalk.swift`; `Exchange/`: `PriceField`, `SimulatedMarket`, `SimulatedEvent`,
// `HistoryMaker`, `SimulatedAccount`, `SimulatedExchange` and its topics; `Dialects/`:
// `SimulatedHTTP`, `SimulatedDialect`, `SimulatedStream`, `FaultPlan`, then any venue; `Chains/`.
