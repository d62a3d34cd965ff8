import Encodings
import Ledger

// A venue read by an adapter: its calls go to a program instead of a host, its rows are named as our
// own row types are. The protocol is described in coffer-adapter(5).

extension Venue {
  /// The venue that an adapter reads.
  ///
  /// Its calls go to the surfaces `adapter`, with the account's secrets, and `adapter.open`,
  /// without; their path is the request's method, their parameters what is asked.
  public static func adapter(_ manifest: AdapterManifest) -> Venue {
    let base = "adapter:" + manifest.id
    return Venue(
      id: manifest.id, name: manifest.name, documents: manifest.documents,
      surfaces: [
        Surface("adapter", base, "/", Recipe([.custom(AdapterCall.refuse)])),
        Surface("adapter.open", base, "/", .open),
      ],
      credentials: manifest.credentials, limits: manifest.limits, faults: AdapterCall.faults,
      aliases: manifest.aliases, feeds: Feeds(manifest.feeds), unseen: manifest.unseen)
  }
}

extension Feeds {
  fileprivate init(_ offered: [AdapterFeed]) {
    self.init()
    for feed in offered {
      switch feed.method {
      case .balances: balances.append(Feed(feed, AdapterRow.balance))
      case .fills: fills.append(Feed(feed, AdapterRow.fill))
      case .deposits:
        deposits.append(
          Feed(feed) { row, part throws(VenueFault) in
            try AdapterRow.transfer(row, .deposit)
          })
      case .withdrawals:
        withdrawals.append(
          Feed(feed) { row, part throws(VenueFault) in
            try AdapterRow.transfer(row, .withdrawal)
          })
      case .statement: statement.append(Feed(feed, AdapterRow.statement))
      case .positions: positions.append(Feed(feed, AdapterRow.position))
      case .markets: markets.append(Feed(feed, AdapterRow.market))
      case .tickers: tickers.append(Feed(feed, AdapterRow.ticker))
      case .rights: rights = Feed(feed, AdapterRow.rights)
      }
    }
  }
}

extension Feed {
  fileprivate init(
    _ feed: AdapterFeed,
    _ read: @escaping @Sendable (Node, AccountPart?) throws(VenueFault) -> Row
  ) {
    self.init(
      part: feed.part, paging: feed.paging, scope: feed.scope,
      calls: { ask throws(VenueFault) in [try AdapterCall.call(feed, ask)] },
      rows: { answer throws(VenueFault) in try answer.body["rows"].elements() },
      row: { node, ask throws(VenueFault) in try read(node, feed.part) },
      next: { answer throws(VenueFault) in try answer.body["next"].optionalText() })
  }
}

/// How calls to adapters are made and their refusals read.
enum AdapterCall {
  /// A call of a feed.
  static func call(_ feed: AdapterFeed, _ ask: Ask) throws(VenueFault) -> Call {
    var parameters = Parameters()
    parameters["part"] = .text(feed.part?.rawValue)
    if feed.scope == .eachMarket { parameters["market"] = market(try ask.needed()) }
    if feed.scope == .eachAsset {
      guard let asset = ask.asset else { throw .unsupported("asking without an asset") }
      parameters["asset"] = .string(asset)
    }
    if !feed.method.isState {
      parameters["from"] = .number(ask.from, .microseconds)
      parameters["to"] = .number(ask.to, .microseconds)
      let most = feed.paging.most > 0 ? feed.paging.most : nil
      parameters["limit"] = .number(ask.limit ?? most)
      if feed.paging.kind == .cursor { parameters["cursor"] = .text(ask.cursor) }
      if feed.paging.kind == .numbered { parameters["page"] = .number(ask.page) }
    }
    return Call(
      feed.method.isOpen ? "adapter.open" : "adapter", "GET", feed.method.rawValue, parameters)
  }

  private static func market(_ market: Market) -> JSON {
    var members: [(String, JSON)] = [
      ("id", .string(market.id)), ("base", .string(market.base)), ("quote", .string(market.quote)),
      ("kind", .string(market.kind.rawValue)),
    ]
    if let settle = market.settle { members.append(("settle", .string(settle))) }
    return .object(JSONObject(members))
  }

  /// An adapter's call is never made a request of the network.
  @Sendable static func refuse(_ draft: inout Draft) throws(VenueFault) {
    throw .unsupported("sending an adapter's call over the network")
  }

  /// The kinds of refusals that an adapter may name; those of orders are not among them.
  private static let kinds: [String: RefusalKind] = {
    var kinds: [String: RefusalKind] = [:]
    for kind in [RefusalKind.definitive, .retryable, .rate, .banned, .auth, .clock] {
      kinds[kind.rawValue] = kind
    }
    return kinds
  }()

  static let faults = FaultTable(codes: kinds) { body, _ in
    let fault = body["fault"]
    if fault.isNothing { return nil }
    let kind = (try? fault["kind"].optionalText()) ?? nil
    let code = (try? fault["code"].optionalText()) ?? nil
    let message = (try? fault["message"].optionalText()) ?? nil
    let words = [code, message].compactMap { $0 }.joined(separator: ": ")
    return (code: kind ?? "", message: words)
  }
}
