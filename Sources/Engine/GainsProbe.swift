import Amounts
package import Ledger
package import Prices

/// The fold of a ledger into gains, for measuring: no vault, no queue.
package struct GainsProbe {
  /// What a fold came to.
  package struct Outcome {
    /// How many entries were taken.
    package let entries: Int
    /// How many assets have open lots, and how many lots those are.
    package let open: (assets: Int, lots: Int)
    /// How many disposals give away what was never acquired.
    package let problems: Int
  }

  private static let chunk = 5_000

  /// Folds entries, oldest first, as after unlocking, and adds them up as the screens need it.
  ///
  /// - Parameters:
  ///   - count: How many entries there are.
  ///   - past: What assets cost on past days.
  ///   - now: When.
  ///   - entry: The entry of a number, from 0.
  /// - Returns: What came of it.
  package static func fold(
    _ count: Int, past: BarHistory, at now: Instant, entry: (Int) -> Entry
  ) -> Outcome {
    var inputs = GainsInputs(
      prices: DailyCloses(currency: past.currency, openDay: UTCDay(now)))
    for (asset, bars) in past.bars { inputs.prices.take(bars[.day] ?? [], of: asset) }
    var journal = GainsJournal(rules: inputs.rules, links: inputs.links, prices: inputs.prices)
    for first in stride(from: 0, to: count, by: chunk) {
      journal.takeInOrder(
        (first..<min(first + chunk, count)).map {
          NumberedEntry(number: $0 + 1, entry: entry($0))
        })
    }
    journal.settle()
    let digest = GainsDigest(journal, inputs)
    return Outcome(
      entries: digest.entries,
      open: (digest.open.count, digest.open.values.reduce(0) { $0 + $1.lots }),
      problems: digest.problems)
  }
}
