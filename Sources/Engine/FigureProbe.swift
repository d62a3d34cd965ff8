import Amounts
package import Ledger
import Portfolio
package import Prices
import Risk
import Wire

/// The engine's core with one client that watches, and all figures behind it, for measuring what
/// becomes of a price: no thread, no socket, no disk.
package final class FigureProbe {
  private var core: EngineCore
  private static let client = ClientID(number: 1)
  /// How many bytes the client was sent.
  package private(set) var sentBytes = 0
  /// How often something happened to an alert.
  package private(set) var alerts = 0
  private var readsWanted: [(Set<AssetID>, Currency)] = []
  private var wakeAt: Instant?
  private let ledger: [NumberedEntry]
  private var foldsWanted: GainsInputs?
  private var folded: GainsDigest?

  /// Opens holdings with their past.
  ///
  /// - Parameters:
  ///   - accounts: Where they lie.
  ///   - holdings: What there is.
  ///   - quotes: The first prices.
  ///   - past: The kept bars, by asset.
  ///   - ledger: How the holdings came about, oldest first; without it nothing is known of gains.
  ///   - boards: What the client looks at.
  ///   - now: When.
  package init(
    accounts: [Account], holdings: [(key: HoldingKey, holding: Holding)], quotes: [Quote],
    past: BarHistory, ledger: [Entry] = [], boards: [String] = [], at now: Instant
  ) {
    self.ledger = ledger.enumerated().map {
      NumberedEntry(number: $0.offset + 1, entry: $0.element)
    }
    core = EngineCore(vault: "probe", mode: .init(isOffline: true))
    var contents = VaultContents(
      currency: .usDollar, links: AssetLinks(), accounts: accounts, holdings: [:],
      quotes: quotes, entries: 0, refused: 0)
    for (key, holding) in holdings { contents.holdings[key] = holding }
    contents.keepsBars = true
    handle(.connected(FigureProbe.client), at: now)
    handle(
      .said(FigureProbe.client, .hello(version: ClientMessage.version, isReadOnly: false)), at: now)
    handle(.said(FigureProbe.client, .watch), at: now)
    handle(.changed(LedgerChanges(opened: contents)), at: now)
    for (assets, _) in readsWanted { handle(.barsRead(assets, past), at: now) }
    if !boards.isEmpty { handle(.said(FigureProbe.client, .look(boards)), at: now) }
    let start = now.advanced(bySeconds: 2)
    handle(.timer, at: start)
    while let due = wakeAt, due <= start { handle(.timer, at: start) }
    workBeside()
    while rest(at: start) {}
  }

  /// How many entries the gains are of.
  package var foldedEntries: Int { core.figures?.gains.digest?.entries ?? 0 }

  /// Does what the engine gives to another queue, the fold of the ledger; what comes of it is taken in
  /// with the next rest.
  package func workBeside() {
    guard let inputs = foldsWanted, !ledger.isEmpty else { return }
    foldsWanted = nil
    var journal = GainsJournal(rules: inputs.rules, links: inputs.links, prices: inputs.prices)
    journal.takeInOrder(ledger)
    journal.settle()
    folded = GainsDigest(journal, inputs)
  }

  /// How many assets have returns, and how many of those.
  package var modelled: (assets: Int, returns: Int) { core.modelledRisk }

  /// Prices come, and what follows from them is published when the pause for others is over.
  ///
  /// - Parameters:
  ///   - quotes: The prices.
  ///   - now: When they come.
  /// - Returns: The value at risk that goes with them, by volatility and by the past.
  @discardableResult
  package func quote(_ quotes: [Quote], at now: Instant) -> (normal: Double, historical: Double)? {
    handle(.quoted(quotes), at: now)
    handle(.timer, at: Instant(microseconds: now.microseconds + EngineCore.quotePause))
    guard let risk = core.figures?.riskFigures() else { return nil }
    return (risk.valueAtRisk, risk.historical?.valueAtRisk ?? .nan)
  }

  /// Does one turn of what waited until the prices were published.
  ///
  /// - Parameter now: When the prices came.
  /// - Returns: Whether it did something; if not, nothing is due.
  package func rest(at now: Instant) -> Bool {
    let turn = Instant(microseconds: now.microseconds + EngineCore.quotePause)
    if let digest = folded {
      folded = nil
      handle(.gained(.digest(digest)), at: turn)
      return true
    }
    guard let due = wakeAt, due <= turn else { return false }
    handle(.timer, at: turn)
    return true
  }

  private func handle(_ event: EngineEvent, at now: Instant) {
    for effect in core.handle(event, at: now) {
      switch effect {
      case .send(_, let message), .sendAll(_, let message):
        sentBytes += FrameAssembler.frame(message).count
      case .wake(let time): wakeAt = time
      case .readBars(let assets, let currency, _): readsWanted.append((assets, currency))
      case .compute(let task): handle(.computed(task.run()), at: now)
      case .storeAlerts(let number, _):
        alerts += 1
        handle(.alertsStored(number), at: now)
      case .gain(let inputs): foldsWanted = inputs
      case .readWatch: handle(.watchRead(nil), at: now)
      case .keepBars(let batch, _): handle(.barsKept(batch, isWritten: true), at: now)
      default: break
      }
    }
  }
}
