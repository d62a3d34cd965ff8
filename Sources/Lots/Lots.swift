// Cost basis: what was paid for what is held, and what was gained by what was given away.
//
// A `LotBook` folds `LotEvent`s (acquisitions, disposals, exchanges, transfers, splits) into lots,
// disposals with the lots behind them, income and totals a year, by the `LotRules` it is given.
// `EntryMapping` makes such events out of the ledger's entries and prices. The module is pure: time
// zones and prices are arguments.
//
// Always: folding events one by one, in any order of arrival, equals rebuilding from all of them;
// quantities are exact, also across splits; cost in equals cost out plus what is left; money that
// must be divided is rounded half to even at the 18th digit, and the last part takes the rest.
// Never: a Double, a missing price or basis as zero unless the rules say so, a negative holding.
//
// An event falls apart into steps, one or more for each asset it touches; assets do not concern
// each other after that. A step that arrives late is put in its place: the steps of its asset that
// come after are taken back and made again.
//
// National methods that look ahead or average over a year are a further case of `LotMethod` and a
// further `AssetMatching` each; nothing else knows how a disposal finds its cost.
//
// Read in this order: `LotRules.swift`, `CivilDay.swift`, `LotEvent.swift`, `Step.swift`,
// `StepMaker.swift`, `AssetMatching.swift`, `LotMatching.swift`, `PoolMatching.swift`,
// `AssetBook.swift`, `LotBook.swift`, `LotReport.swift`, `Gains.swift`, `EntryMapping.swift`.
