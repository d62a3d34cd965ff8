// The mathematics behind risk figures, in floating point and knowing nothing of money.
//
// Small dense matrices, moments, quantiles, distributions, covariance estimators, clustering and
// draws from a generator that the caller brings. Everything is a value or a function of values:
// no clock, no file, no randomness of its own. What a definition leaves open is `nil`, never an
// infinity and never NaN: a correlation with a constant series, a deviation of one value.
//
// Always: a formula names its source; lengths of vectors that belong together are the caller's
// promise and are checked; series run from the oldest value to the newest.
// Never: an estimate of money. Amounts stay exact elsewhere, what leaves here is a ratio.
//
// Read in this order: `Sample.swift`, `Quantile.swift`, `Distributions.swift`, `Matrix.swift`,
// `Covariance.swift`, `PriceHistory.swift`.
