// Holdings times prices: what the holder has, and what it is worth.
//
// `Settlement` folds changes of holdings, quotes, links and accounts into positions, one batch at a
// time, and says just what changed. A `Snapshot` is the whole, immutable and numbered; a `ChangeSet`
// leads from one number to the next. The module is pure.
//
// Always: folding batch by batch equals rebuilding from the same facts; the total is the exact sum
// of the values that are known, and says how many are not. Never: a missing price as zero.
//
// Read in this order: `Position.swift`, `Snapshot.swift`, `Settlement.swift`.
