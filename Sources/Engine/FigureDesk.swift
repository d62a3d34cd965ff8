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

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - currency: The portfolio's.
  ///   - isKept: Whether there is a vault that keeps bars.
  init(currency: Currency, isKept: Bool = false) {
    history = HistoryDesk(currency: currency, isKept: isKept)
  }

  /// When something happens by itself.
  func wakeAt(after now: Instant) -> Instant? { history.wakeAt(after: now) }

  /// Takes in what a settlement changed.
  ///
  /// - Parameters:
  ///   - settlement: As it is after the change.
  ///   - changed: The positions that are new or different.
  ///   - removed: The assets that are no longer held.
  ///   - now: When.
  /// - Returns: What is to be done by others.
  mutating func settled(
    _ settlement: Settlement, changed: [Position], removed: [AssetID], at now: Instant
  ) -> [FigureEffect] {
    let over = history.settled(settlement, changed: changed, at: now)
    return take(over, settlement, at: now) + history.effects(at: now)
  }

  /// Does what is due by the time.
  mutating func tick(_ settlement: Settlement, at now: Instant) -> [FigureEffect] {
    take(history.tick(settlement, at: now), settlement, at: now) + history.effects(at: now)
  }

  /// Takes in what the vault has kept of assets' prices; `nil` where it could not be read.
  mutating func loaded(
    _ assets: Set<AssetID>, _ kept: BarHistory?, _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    take(history.load(assets, kept, at: now), settlement, at: now) + history.effects(at: now)
  }

  /// A batch of bars is on the disk, or could not be written.
  mutating func written(_ batch: Int, _ isWritten: Bool, at now: Instant) {
    history.written(batch, isWritten, at: now)
  }

  /// Says which assets are watched whether they are held or not.
  mutating func watch(_ assets: Set<AssetID>) { history.watch(assets) }

  /// There is more of assets' prices in the vault than there was.
  mutating func readAgain(_ assets: Set<AssetID>, at now: Instant) -> [FigureEffect] {
    history.readAgain(assets)
    return history.effects(at: now)
  }

  /// What has to be written before the vault is closed.
  mutating func finish() -> [FigureEffect] { history.finish() }

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
  /// Write bars; what came of it is told under the number.
  case keepBars(Int, [BarRecord])
  /// Read what is kept of assets' prices, behind what is being written where that matters.
  case readBars(of: Set<AssetID>, Currency, afterWrites: Bool)
}
