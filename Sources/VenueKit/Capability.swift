/// What can be read or done at a venue, as the table of venues shows it.
public enum Capability: String, Hashable, Sendable, CaseIterable {
  /// Balances.
  case balances
  /// Our executions.
  case fills
  /// Deposits and withdrawals.
  case transfers
  /// The account statement: rewards, fees, funding, conversions.
  case statement
  /// Open positions in derivatives or on margin.
  case positions
  /// Our orders.
  case orders
  /// Markets and assets.
  case markets
  /// Tickers.
  case prices
  /// Candles.
  case candles
  /// Order books.
  case books
  /// Web-socket streams.
  case streams
  /// Placing and cancelling orders.
  case trading
}

extension Evidence {
  /// A word for it.
  public var word: String {
    switch self {
    case .documented: "documented"
    case .recorded: "recorded"
    case .usedLive: "used live"
    }
  }
}

extension Venue {
  /// How well something is known to be right here; `nil` for what the venue file has not.
  ///
  /// Of several feeds the weakest counts.
  public func evidence(of capability: Capability) -> Evidence? {
    switch capability {
    case .balances: Venue.weakest(feeds.balances)
    case .fills: Venue.weakest(feeds.fills)
    case .transfers:
      Venue.weakest(feeds.deposits + feeds.withdrawals + feeds.transfers)
    case .statement: Venue.weakest(feeds.statement)
    case .positions: Venue.weakest(feeds.positions)
    case .orders: Venue.weakest(feeds.openOrders + feeds.closedOrders)
    case .markets: Venue.weakest(feeds.markets)
    case .prices: Venue.weakest(feeds.tickers)
    case .candles: Venue.weakest(feeds.candles)
    case .books: Venue.weakest(feeds.books)
    case .streams: streams.map(\.evidence).min()
    case .trading:
      desk.map {
        min(min($0.place.evidence, $0.cancel.evidence), min($0.find.evidence, $0.open.evidence))
      }
    }
  }

  private static func weakest<Row>(_ feeds: [Feed<Row>]) -> Evidence? {
    feeds.map(\.evidence).min()
  }

  /// Whether an account here can be followed: balances, history and prices are all read.
  public var isFollowed: Bool {
    evidence(of: .balances) != nil && evidence(of: .prices) != nil
      && (evidence(of: .fills) != nil || evidence(of: .statement) != nil)
  }
}
