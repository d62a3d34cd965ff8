// What a portfolio earned, for how much risk, and where it came from.
//
// Returns are figures of statistics and are `Double`; a return of 0.05 is five per cent. Money that
// is added up (`SourceAttribution`) is exact; cost is the matter of `Lots`. A figure that is not
// defined for its data (no variance, no losses, no root) is `nil` or says why; it is never infinite
// and never NaN.
//
// Always: the length of a year in bars, the day count and the timing of flows are given by the
// caller and have no hidden default; linked effects add up to the linked return. Never: a missing
// price as zero; a short period annualised without being asked.
//
// Series are oldest first. Where two series are compared, bar t of one is bar t of the other.
//
// Read in this order: `HeldPortfolio.swift`, `Growth.swift`, `Drawdowns.swift`, `ReturnRatios.swift`,
// `Benchmark.swift`, `TimeWeighted.swift`, `MoneyWeighted.swift`, `Carino.swift`,
// `AssetAttribution.swift`, `SourceAttribution.swift`, `BrinsonFachler.swift`, `SingleFactor.swift`.
