// What things cost, how old that is, and who says so.
//
// A `Quote` is one source's word at one time. `QuoteBoard` keeps the latest of each and answers with
// a `Valuation`: a price with its age and source, or the reason why there is none. A missing price
// is never zero. The module is pure: the time of asking is an argument.
//
// Read in this order: `Quote.swift`, `QuoteBoard.swift`, `Consensus.swift`, `Valuation.swift`, `JumpRule.swift`.
