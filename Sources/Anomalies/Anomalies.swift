// Streaming detectors of what is unusual: in prices, books, feeds, pegs, all assets together, accounts.
//
// A raw figure is calibrated on its own stream's past to how often so much comes, the rarest counts,
// small moves do not, and an alarm is held as one episode. Rules stand beside the statistics where a
// tail from few values would be wrong. A finding says which component saw what, by how much, against
// which baseline, how rare that is and which past cases are like it; never a bare score.
//
// Always: causal, one setting for all streams, bounded memory, O(log n) or a fixed number of steps a
// point; judged first, learned afterwards; what comes from doubtful feeds or confirmed incidents is
// judged and never learned; a watch restored from its bytes goes on as the one that wrote them.
// Never: an effect on trading other than to make it wait, and that only where two venues agree
// (`TradingCurb`); a trap on any number.
//
// Read in this order: `TailCalibrator.swift`, `Components.swift`, `EpisodeHold.swift`,
// `SeriesWatch.swift`, `PriceWatch.swift`, `Finding.swift`, `AnomalyWatch.swift`, `ModelDesk.swift`.
