import Alerts
import Amounts
import Anomalies
import Ledger
import Portfolio
import Prices
import Sync
import VenueKit
import Wire

/// The figures above positions: what follows from prices over time, from the ledger, and from both.
///
/// One small desk a kind of figure, each pure, folded in the order in which they need each other:
/// history of prices, then what rests on it. What a desk wants done by others it returns as a
/// `FigureEffect`; what was done comes back as an event of the core. A desk's figures are a `Report`:
/// the board of a screen and the answer to a command.
struct FigureDesk: Sendable {
  private(set) var history: HistoryDesk
  private(set) var watch: WatchDesk
  private(set) var pegs = PegDesk()
  private(set) var gains: GainsDesk
  private(set) var risk: RiskDesk
  /// The boards that are looked at.
  private var looked: Set<String> = []
  /// The boards that a price is on, whatever else it changes.
  private static let priced = GainsBoard.names.union([Board.prices])

  /// Starts with nothing.
  ///
  /// - Parameters:
  ///   - currency: The portfolio's.
  ///   - isKept: Whether there is a vault that keeps bars.
  ///   - gainRules: How cost is found.
  ///   - benchmark: What performance is set beside.
  ///   - venues: Those that are known.
  ///   - now: When.
  init(
    currency: Currency, isKept: Bool = false, gainRules: GainRules = GainRules(),
    benchmark: BenchmarkBlend? = nil, venues: VenueCatalogue, at now: Instant
  ) {
    history = HistoryDesk(currency: currency, isKept: isKept)
    watch = WatchDesk(isKept: isKept)
    gains = GainsDesk(
      currency: currency, rules: gainRules, benchmark: benchmark ?? .standard, at: now)
    risk = RiskDesk(currency: currency, venues: venues.ids)
  }

  /// Does something with the settlement at hand, in its place: no table of it is copied.
  mutating func perform(
    _ work: (inout FigureDesk, Settlement) -> [FigureEffect], _ settlement: Settlement
  ) -> [FigureEffect] {
    work(&self, settlement)
  }

  /// When something happens by itself.
  func wakeAt(after now: Instant) -> Instant? {
    [
      history.wakeAt(after: now), watch.wakeAt(after: now), gains.wakeAt, risk.wakeAt(after: now),
    ].compactMap { $0 }.min()
  }

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
    gains.settled(settlement, changed: changed, removed: removed, at: now)
    let isRisky = risk.settled(settlement, changed: changed, removed: removed, at: now)
    return take(over, changed, settlement, at: now) + history.effects(at: now)
      + [.changed(boards: FigureDesk.priced)]
      + (isRisky ? riskChanged(at: now) : [])
  }

  /// Does what is due by the time.
  mutating func tick(_ settlement: Settlement, at now: Instant) -> [FigureEffect] {
    let boards = pegs.look(settlement, at: now) ? [FigureEffect.changed(boards: [Board.pegs])] : []
    let over = history.tick(settlement, at: now)
    gains.tick(at: now)
    let effects =
      take(over, [], settlement, at: now) + watch.tick(settlement, history, at: now)
      + history.effects(at: now) + boards
    let history = history
    let isRisky = risk.tick(at: now) { history.bars(of: $0, $1) }
    return effects + (isRisky ? riskChanged(at: now) : [])
  }

  /// The ledger is different.
  mutating func ledgerChanged(at now: Instant) { gains.ledgerChanged(at: now) }

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

  /// Takes in what the vault has kept of assets' prices; `nil` where it could not be read.
  mutating func loaded(
    _ assets: Set<AssetID>, _ kept: BarHistory?, _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    let over = history.load(assets, kept, at: now)
    // There are other bars than those that the books were made of.
    risk.renewSoon(now)
    return take(over, [], settlement, at: now) + history.effects(at: now)
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
  mutating func finish() -> [FigureEffect] { history.finish() + watch.finish() }

  /// What detectors have learned was read; `nil` where there is nothing of use.
  mutating func loaded(_ kept: AnomalyWatch?, at now: Instant) { watch.loaded(kept, at: now) }

  /// Records of an account are on their way to the disk.
  mutating func storing(_ batch: SyncBatch, at now: Instant) { watch.wrote(batch, at: now) }

  /// They are on the disk, or could not be written.
  mutating func synced(
    _ batch: Int, _ isWritten: Bool, _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    watch.written(batch, isWritten, settlement, at: now)
  }
  /// The holder has confirmed or muted a finding: its detector may learn.
  mutating func take(_ feedback: AlertFeedback, at now: Instant) {
    watch.take(feedback, at: now)
  }

  /// A board as it is now; `nil` where its name is of no desk here.
  func board(
    _ name: String, _ settlement: Settlement, volumes: [AssetID: Fixed] = [:], at now: Instant
  ) -> Report? {
    switch name {
    case Board.anomalies: watch.board(settlement, at: now)
    case Board.pegs: pegs.report
    default: GainsBoard(name, gains)?.report ?? risk.board(name, at: now, volumes: volumes)
    }
  }

  /// Bars are over.
  private mutating func take(
    _ bars: [AssetBar], _ changed: [Position], _ settlement: Settlement, at now: Instant
  ) -> [FigureEffect] {
    if history.generation != gains.inputs.generation {
      gains.reload(history, at: now)
    } else {
      gains.take(bars, at: now)
    }
    return foldIfDue(at: now)
      + watch.settled(settlement, history, changed: changed, over: bars, at: now)
      + (risk.take(bars, at: now) ? riskChanged(at: now) : [])
  }

  /// Clients look at these boards now.
  mutating func look(at boards: Set<String>, at now: Instant) -> [FigureEffect] {
    looked = boards
    return riskTasks(at: now)
  }

  /// Takes in what was computed beside the loop.
  mutating func take(_ result: RiskResult, at now: Instant) -> [FigureEffect] {
    risk.studies.take(result)
    return [.changed(boards: RiskDesk.boards(in: looked))] + riskTasks(at: now)
  }

  private mutating func riskChanged(at now: Instant) -> [FigureEffect] {
    [.changed(boards: RiskDesk.boards(in: looked))] + riskTasks(at: now)
  }

  private mutating func riskTasks(at now: Instant) -> [FigureEffect] {
    if looked.isEmpty { return [] }
    let desk = risk
    return risk.studies.wanted(looked, at: now) { desk.input(at: now) }.map { .compute($0) }
  }

  /// Makes the books of risk anew where that waits, for whoever asks now.
  mutating func renewRisk(at now: Instant) {
    let history = history
    if risk.isOld { risk.renew { history.bars(of: $0, $1) } }
  }

  /// The risk figures that follow every tick.
  mutating func riskFigures() -> RiskFigures? { risk.figures() }

  /// Sets what risk figures are made with.
  mutating func use(_ settings: RiskSettings, at now: Instant) { risk.use(settings, at: now) }
}

/// What a desk of figures wants done.
enum FigureEffect: Sendable {
  /// The figures of these boards have changed.
  case changed(boards: Set<String>)
  /// How much prices move in a day, as a part of one.
  case volatilities([AssetID: Fixed])
  /// What assets cost a day ago by what was kept, as far as anything was.
  case dayOpens([AssetID: Price?])
  /// Fold the ledger into gains.
  case fold(GainsInputs)
  /// Compute something beside the loop.
  case compute(RiskTask)
  /// Write bars; what came of it is told under the number.
  case keepBars(Int, [BarRecord])
  /// Read what is kept of assets' prices, behind what is being written where that matters.
  case readBars(of: Set<AssetID>, Currency, afterWrites: Bool)
  /// Keep what detectors have learned.
  case keepWatch(AnomalyWatch)
  /// Read what detectors have learned.
  case readWatch
  /// A detector of anomalies saw something: the alerts' desk takes it.
  case finding(Finding)
}
