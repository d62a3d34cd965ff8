// Which weights a portfolio could have, and what must be traded to have them.
//
// `Allocation` turns estimates (covariances, means, scenarios) into weights; everything there is
// statistics and `Double`. `TargetTrades` turns weights into trades; everything there is exact.
// Nothing here sends an order or knows that orders exist.
//
// Always: weights add up to 1 and keep their limits; the same assets in another order get the same
// weights (but for hierarchical risk parity, whose tree breaks ties by order). Never: a result of a
// problem that has none; that is `nil`, and the documentation says when.
//
// Matrices and means are per bar and in the order of the assets. What an estimate is worth is not
// known here: an optimum of bad estimates is a bad portfolio.
//
// Read in this order: `Allocation.swift`, `BoundedQuadratic.swift`, `MinimumVariance.swift`,
// `MaximumRatio.swift`, `RiskBudget.swift`, `HierarchicalRiskParity.swift`, `MinimumShortfall.swift`,
// `TargetTrades.swift`.
