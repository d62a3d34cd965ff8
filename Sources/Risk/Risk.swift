// What a portfolio may lose: volatility, value at risk, expected shortfall, what each position adds
// to them, back-tests of all that, stress scenarios, concentration, exposure and liquidity.
//
// Returns and weights come in, fractions of the portfolio's value come out: floating point, since
// these are estimates; amounts of money stay exact and enter only as exposures. Everything is pure.
// `RiskBook` and `ScenarioBook` carry what a tick or a closed bar changes, so that the figures on
// the screen are those of the last price; their laws are that a fold equals a rebuild.
//
// Always: losses are positive; a confidence of 0.99 means the tail of 1%; a year has 365 bars of a
// day unless the caller says otherwise; a figure's definition and source stand beside it.
// Never: a figure from too few data without saying so (`Evidence`, `RiskRefusal`); NaN or infinity.
//
// Read in this order: `RiskRefusal.swift`, `HistoricalLosses.swift`, `ParametricLoss.swift`,
// `ComponentRisk.swift`, `RiskBook.swift`, `ScenarioBook.swift`, `Stress.swift`.
