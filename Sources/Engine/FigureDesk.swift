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
  private(set) var gains: GainsDesk

  init(
    currency: Currency, gainRules: GainRules = GainRules(), benchmark: BenchmarkBlend? = nil,
    at now: Instant
  ) {
    history = HistoryDesk(currency: currency)
    gains = GainsDesk(
      currency: currency, rules: gainRules, benchmark: benchmark ?? .standard, at: now)
  }

  /// When something happens by itself.
  func wakeAt(after now: Instant) -> Instant? {
    [history.wakeAt(after: now), gains.wakeAt].compactMap { $0 }.min()
  }

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
    gains.settled(settlement, changed: changed, removed: removed, at: now)
    return take(over, settlement, at: now) + [.changed(boards: GainsBoard.names)]
  }

  /// Does what is due by the time.
  mutating func tick(_ settlement: Settlement, at now: Instant) -> [FigureEffect] {
    let over = history.tick(at: now)
    gains.tick(at: now)
    return take(over, settlement, at: now)
  }

  /// The ledger is different.
  mutating func ledgerChanged(at now: Instant) -> [FigureEffect] {
    gains.ledgerChanged(at: now)
    return []
  }

  /// The user set how cost is found, or another benchmark.
  mutating func take(
    rules: GainRules?, benchmark: BenchmarkBlend?, at now: Instant
  ) -> [FigureEffect] {
    gains.take(rules: rules, benchmark: benchmark, at: now)
    return foldIfDue(at: now)
  }

  /// The fold of the ledger says something.
  mutating func take(_ news: GainsNews, at now: Instant) -> [FigureEffect] {
    gains.take(news, at: now)
    return [.changed(boards: GainsBoard.names)] + foldIfDue(at: now)
  }

  private mutating func foldIfDue(at now: Instant) -> [FigureEffect] {
    gains.task(at: now).map { [.fold($0)] } ?? []
  }

  /// A board as it is now; `nil` where its name is of no desk here.
  func board(_ name: String, at now: Instant) -> Report? {
    GainsBoard(name, gains)?.report
  }

  /// Bars are over.
  private mutating func take(
    _ bars: [AssetBar], _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    gains.take(bars, at: now)
    return foldIfDue(at: now)
  }
}

/// What a desk of figures wants done.
enum FigureEffect: Sendable {
  /// The figures of these boards have changed.
  case changed(boards: Set<String>)
  /// Fold the ledger into gains.
  case fold(GainsInputs)
}
