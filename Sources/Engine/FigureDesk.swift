import Alerts
import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// The figures above positions: what follows from prices over time, from the ledger, and from both.
///
/// One small desk a kind of figure, each pure, folded in the order in which they need each other:
/// history of prices, then what rests on it. What a desk wants done by others it returns as a
/// `FigureEffect`; what was done comes back as an event of the core. A desk's figures are a `Report`:
/// the board of a screen and the answer to a command.
struct FigureDesk: Sendable {
  private(set) var history: HistoryDesk

  init(currency: Currency) { history = HistoryDesk(currency: currency) }

  /// When something happens by itself.
  func wakeAt(after now: Instant) -> Instant? { history.wakeAt(after: now) }

  /// Takes in what a settlement changed.
  ///
  /// - Parameters:
  ///   - settlement: As it is after the change.
  ///   - changed: The positions that are new or different.
  ///   - removed: The assets that are no longer held.
  ///   - now: When.
  /// - Returns: What is to be done.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], removed: [AssetID], at now: Instant
  ) -> [FigureEffect] {
    let over = history.settled(settlement, changed: changed, at: now)
    return take(over, settlement, at: now)
  }

  /// Does what is due by the time.
  mutating func tick(_ settlement: Settlement, at now: Instant) -> [FigureEffect] {
    take(history.tick(at: now), settlement, at: now)
  }

  /// The holder has confirmed or muted a finding: its detector may learn.
  mutating func take(_ feedback: AlertFeedback, at now: Instant) {}

  /// A board as it is now; `nil` where its name is of no desk here.
  func board(_ name: String, at now: Instant) -> Report? { nil }

  /// Bars are over.
  private mutating func take(
    _ bars: [AssetBar], _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] { [] }
}

/// What a desk of figures wants done.
enum FigureEffect: Sendable {
  /// The figures of these boards have changed.
  case changed(boards: Set<String>)
  /// A detector of anomalies saw something: the alerts' desk takes it.
  case finding(Finding)
}
