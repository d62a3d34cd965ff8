import Alerts
import Amounts
import Foundation
import Ledger

/// The seed of a run: `SEED` in the environment, else a fixed one.
let runSeed = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 20_261_121

/// So many seconds after 2026-01-01 00:00 UTC.
func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_767_225_600 + seconds) }

func fixed(_ text: String) -> Fixed { (try? Fixed(parsing: text)) ?? .zero }

/// A rule on `x` that raises above 10 and clears at 8.
func above10(
  for forSeconds: Int64 = 0, hold: Int64 = 60, critical: String? = nil
) -> AlertRule {
  let levels = AlertRule.Levels(
    raise: fixed("10"), critical: critical.map { fixed($0) }, clear: fixed("8"))
  var rule = AlertRule("high", "x", .threshold(.above, levels))
  rule.forSeconds = forSeconds
  rule.holdSeconds = hold
  return rule
}

/// The figure `x` at a time; `nil` is not known.
func x(
  _ value: String?, at seconds: Int64, _ quality: Observation.Quality = .good,
  unit: Observation.Unit = .plain, name: String = "x"
) -> [Observation] {
  [
    Observation(
      name, subject: name.uppercased(), value: value.map { fixed($0) }, unit: unit,
      time: at(seconds), quality: quality, note: value == nil ? "no source" : "")
  ]
}

/// The kinds of events of an outcome.
func kinds(_ outcome: AlertOutcome) -> [AlertEvent.Kind] { outcome.events.map(\.kind) }
