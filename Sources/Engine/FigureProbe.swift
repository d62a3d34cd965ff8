import Amounts
package import Ledger
import Portfolio
package import Prices
import Wire

/// The engine's core with one client that watches, and all figures behind it, for measuring what
/// becomes of a price: no thread, no socket, no disk.
package final class FigureProbe {
  private var core: EngineCore
  private static let client = ClientID(number: 1)
  /// How many bytes the client was sent.
  package private(set) var sentBytes = 0
  private var readsWanted: [(Set<AssetID>, Currency)] = []

  /// Opens holdings with their past.
  ///
  /// - Parameters:
  ///   - accounts: Where they lie.
  ///   - holdings: What there is.
  ///   - quotes: The first prices.
  ///   - past: The kept bars, by asset.
  ///   - boards: What the client looks at.
  ///   - now: When.
  package init(
    accounts: [Account], holdings: [(key: HoldingKey, holding: Holding)], quotes: [Quote],
    past: BarHistory, boards: [String] = [], at now: Instant
  ) {
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
    handle(.timer, at: now.advanced(bySeconds: 2))
  }

  /// How many assets have returns, and how many of those.
  package var modelled: (assets: Int, returns: Int) { core.modelledRisk }

  /// Prices come, and what follows from them is published when the pause for others is over.
  package func quote(_ quotes: [Quote], at now: Instant) {
    handle(.quoted(quotes), at: now)
    handle(.timer, at: Instant(microseconds: now.microseconds + EngineCore.quotePause))
  }

  /// What waited until the prices were published: the look at all figures for alerts.
  package func rest(at now: Instant) {
    handle(.timer, at: Instant(microseconds: now.microseconds + EngineCore.quotePause))
  }

  private func handle(_ event: EngineEvent, at now: Instant) {
    for effect in core.handle(event, at: now) {
      switch effect {
      case .send(_, let message), .sendAll(_, let message):
        sentBytes += FrameAssembler.frame(message).count
      case .readBars(let assets, let currency, _): readsWanted.append((assets, currency))
      case .compute(let task): handle(.computed(task.run()), at: now)
      default: break
      }
    }
  }
}
