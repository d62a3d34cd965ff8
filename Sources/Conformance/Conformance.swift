// Cases from outside, run against the program: one suite a kind of case.
//
// A suite reads a folder in a documented layout, runs every case in it and says of each: passed,
// failed with the first differences, or not applicable with the reason. It knows no case by name.
//
// `imports`: each folder holds an export file and `expected.json`, the transactions it stands for.
// The format is found by the file's header, as for a user. Compared are time, kind, in, out, fee and
// value, with the row where the case names rows; the transaction hash where the case lists any, since
// the sources of most cases keep none; merged and skipped rows where the case lists them. Names of
// accounts and notes are not compared. Expected quantities of more than 18 fractional digits, which
// no amount has, are rounded half to even. In cases without rows fees are compared apart from the
// transactions they hang on (`ImportDifferences`).
//
// `wallets`: one file a kind of case; keys, addresses, descriptors and node answers. Private keys
// of published examples are made public first (`TestTree`), since the program refuses them, which
// is checked as well.
//
// `risk`: one file a topic; each case names a metric, its input (a window of a file of prices, or a
// series), parameters, the figures expected and how far off they may be. Undefined is a value.
//
// `anomaly`: series with known anomalies through the detectors, scored as the Numenta Anomaly
// Benchmark and the pumps' authors do; the crashes of the market data; figures stand as notes.
//
// Read in this order: `Report.swift`, `ImportExpectation.swift`, `ExactText.swift`,
// `ImportSuite.swift`.
