import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Independent Reserve.
  public static let independentreserve = Venue(
    id: "independentreserve", name: "Independent Reserve",
    documents: ["https://www.independentreserve.com/features/api"],
    surfaces: [
      Surface("public", IndependentReserve.host, "/Public/"),
      Surface("private", IndependentReserve.host, "/Private/", IndependentReserve.recipe),
    ],
    limits: IndependentReserve.limits, faults: IndependentReserve.faults,
    aliases: ["XBT": "BTC", "Xbt": "BTC"], feeds: IndependentReserve.feeds,
    needsGrowingNonce: true,
    unseen: ["fees of single fills: they are lines of the account's statement"])
}

// https://www.independentreserve.com/features/api#authentication
enum IndependentReserve {
  static let host = "https://api.independentreserve.com"

  /// The address, the key, the nonce and each parameter are signed as `name=value` with commas; all
  /// of it is sent as JSON.
  static let recipe = Recipe([
    .custom { draft throws(VenueFault) in
      // A nonce that the call brings counts.
      let nonce =
        draft.parameters["nonce"]?.plainText
        ?? TimeForm.milliseconds.write(draft.moment.nonce)
      for name in ["apiKey", "nonce", "signature"] { draft.parameters[name] = nil }
      var parts = [draft.url, "apiKey=\(try draft.text(.key))", "nonce=\(nonce)"]
      for item in draft.parameters.items { parts.append("\(item.name)=\(item.value.plainText)") }
      let message = Array(parts.joined(separator: ",").utf8)
      let secret = try draft.bytes(.secret)
      let signature = Hex.text(draft.tools.hmac(.sha256, secret, message)).uppercased()
      let head: Parameters = [
        "apiKey": .string(try draft.text(.key)), "nonce": .number(nonce),
        "signature": .string(signature),
      ]
      draft.parameters = Parameters(head.items + draft.parameters.items)
    },
    .ifParameters([.jsonBody], else: []),
    .header("Content-Type", "application/json"),
  ])

  static let limits = Limits([
    LimitBucket("private", capacity: 1, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 1, refill: .window(seconds: 1), scope: .address),
  ])

  static let faults = FaultTable(
    texts: [
      "rate limit": .rate, "too many requests": .rate, "nonce": .clock, "signature": .auth,
      "api key": .auth, "invalid credentials": .auth, "insufficient": .funds,
      "order not found": .orderNotFound, "unable to find": .orderNotFound,
    ],
    find: { body, status in
      guard let message = try? body.optionalText("Message") else {
        return status >= 400 ? ("", "") : nil
      }
      return ("", message)
    })

  /// A code as the venue writes it: `Xbt`.
  private static func code(_ asset: String) -> String {
    asset.prefix(1).uppercased() + asset.dropFirst().lowercased()
  }

  private static func pair(_ ask: Ask) throws(VenueFault) -> Parameters {
    let market = try Picks.market(ask)
    return [
      "primaryCurrencyCode": .string(code(market.base)),
      "secondaryCurrencyCode": .string(code(market.quote)),
    ]
  }

  private static func market(_ row: Node) throws(VenueFault) -> String {
    "\(try row.text("PrimaryCurrencyCode"))/\(try row.text("SecondaryCurrencyCode"))"
  }

  // MARK: - Rows

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("CurrencyCode").uppercased(),
      free: try row.optionalDecimal("AvailableBalance"), total: try row.decimal("TotalBalance"))
  }

  /// The side of an order's type: `LimitBid` buys, `MarketOffer` sells.
  private static func side(_ type: String) -> Side? {
    type.hasSuffix("Bid") ? .buy : type.hasSuffix("Offer") ? .sell : nil
  }

  static func fill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    Fill(
      id: try row.text("TradeGuid"), order: try row.optionalText("OrderGuid"),
      time: try row.time(.iso, "TradeTimestampUtc"), market: try market(row),
      side: side(try row.text("OrderType")), price: try row.decimal("Price"),
      amount: try row.decimal("VolumeTraded"))
  }

  static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let type = try row.text("Type")
    guard type == "Deposit" || type == "Withdrawal" else { return nil }
    let status = try row.optionalText("Status")
    let statuses: [String: Transfer.Status] = [
      "Confirmed": .ok, "Unconfirmed": .pending, "Rejected": .failed,
    ]
    let amount = row.first(type == "Deposit" ? ["Credit"] : ["Debit"])
    return Transfer(
      id: nil,
      transactionHash: try row.optionalText("BitcoinTransactionId", "EthereumTransactionId"),
      time: try row.time(.iso, "CreatedTimestampUtc"),
      direction: type == "Deposit" ? .deposit : .withdrawal,
      asset: try row.text("CurrencyCode").uppercased(), amount: try amount.decimal().sizeOnly(),
      status: status.flatMap { statuses[$0] })
  }

  static func statement(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let type = try row.text("Type")
    let credit = try row.optionalDecimal("Credit") ?? .zero
    let debit = try row.optionalDecimal("Debit") ?? .zero
    guard let amount = try? credit.subtracting(debit.sizeOnly()) else {
      throw row.fault("amounts within range")
    }
    let kinds: [String: EntryKind] = [
      "Trade": .trade, "Brokerage": .fee, "Deposit": .deposit, "Withdrawal": .withdrawal,
      "DepositFee": .fee, "WithdrawalFee": .fee, "GST": .fee, "Interest": .interest,
      "ReferralCommission": .referral,
    ]
    return StatementRow(
      id: nil, time: try row.time(.iso, "CreatedTimestampUtc"),
      asset: try row.text("CurrencyCode").uppercased(), amount: amount, kind: kinds[type],
      type: type, reference: try row.optionalText("CorrelationId"),
      after: try row.optionalDecimal("Balance"),
      isToldElsewhere: ["Trade", "Deposit", "Withdrawal"].contains(type))
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let type = try row.text("Type", "OrderType")
    let isMarket = type.hasPrefix("Market")
    let average = try row["AvgPrice"].decimalButZero()
    let limit = try row["Price"].decimalButZero()
    let statuses: [String: Order.Status] = [
      "Open": .open, "PartiallyFilled": .open, "Filled": .closed,
      "PartiallyFilledAndCancelled": .canceled, "Cancelled": .canceled,
      "PartiallyFilledAndExpired": .expired, "Expired": .expired,
      "PartiallyFilledAndFailed": .canceled, "Failed": .rejected,
    ]
    return Order(
      id: try row.text("OrderGuid"), time: try row.optionalTime(.iso, "CreatedTimestampUtc"),
      market: try market(row), type: isMarket ? "market" : "limit", side: side(type),
      // The price of a market order is the mean of its executions.
      price: isMarket ? average : limit,
      amount: try row.optionalDecimal("VolumeOrdered", "Volume"),
      filled: try row.optionalDecimal("VolumeFilled"),
      remaining: try row.optionalDecimal("Outstanding"), average: average,
      status: try row.optionalText("Status").flatMap { statuses[$0] })
  }

  // MARK: - Feeds

  private static func open(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("public", "GET", path, parameters, cost: ["public": 1])]
  }

  private static func signed(_ path: String, _ parameters: Parameters = [:]) -> [Call] {
    [Call("private", "POST", path, parameters, cost: ["private": 1])]
  }

  private static func page(_ ask: Ask) -> Parameters {
    [
      "pageIndex": .number(min(ask.page, 1_000_000) + 1), "pageSize": .number(ask.limit ?? 50),
    ]
  }

  /// The lines of an asset's account.
  private static func transactions(_ ask: Ask, _ types: [String]) throws(VenueFault) -> [Call] {
    guard let asset = ask.asset, let id = ask.accounts[asset] else {
      throw .unsupported("transactions before the accounts are known")
    }
    let terms: Parameters = [
      "accountGuid": .string(id), "fromTimestampUtc": .text(ask.from, .isoSeconds),
      "toTimestampUtc": .text(ask.to, .isoSeconds),
      "txTypes": types.isEmpty ? nil : .array(types.map { JSON.string($0) }),
    ]
    return signed("GetTransactions", terms.adding(page(ask)))
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(calls: { _ in signed("GetAccounts") }, rows: Picks.list(), row: balance)
    ]
    feeds.accounts = Feed(
      calls: { _ in signed("GetAccounts") }, rows: Picks.list(),
      row: { row, _ throws(VenueFault) in
        VenueAccount(
          name: try row.text("CurrencyCode").uppercased(), id: try row.text("AccountGuid"))
      })
    feeds.fills = [
      Feed(
        paging: Paging(.numbered, most: 50), calls: { ask in signed("GetTrades", page(ask)) },
        rows: Picks.list("Data"), row: fill)
    ]
    feeds.transfers = [
      Feed(
        paging: Paging(.numbered, most: 50), scope: .eachAsset,
        calls: { ask throws(VenueFault) in try transactions(ask, ["Deposit", "Withdrawal"]) },
        rows: Picks.list("Data"), row: transfer)
    ]
    feeds.statement = [
      Feed(
        paging: Paging(.numbered, most: 50), scope: .eachAsset,
        calls: { ask throws(VenueFault) in try transactions(ask, []) },
        rows: Picks.list("Data"), row: statement)
    ]
    feeds.openOrders = [orders("GetOpenOrders")]
    feeds.closedOrders = [orders("GetClosedOrders")]
    addMarkets(&feeds)
    return feeds
  }()

  private static func orders(_ path: String) -> Feed<Order> {
    Feed(
      paging: Paging(.numbered, most: 50), scope: .eachMarket,
      calls: { ask throws(VenueFault) in signed(path, try pair(ask).adding(page(ask))) },
      rows: Picks.list("Data"), row: order)
  }

  private static func addMarkets(_ feeds: inout Feeds) {
    // Two lists, of bases and of quotes: the second page makes the pairs.
    feeds.markets = [
      Feed(
        paging: Paging(.cursor, most: 1000),
        calls: { ask in
          open(
            ask.cursor == nil
              ? "GetValidPrimaryCurrencyCodes" : "GetValidSecondaryCurrencyCodes")
        },
        rows: { answer throws(VenueFault) in
          guard let bases = answer.ask.cursor?.split(separator: ",") else { return [] }
          var rows: [Node] = []
          for quote in try answer.body.elements() {
            let name = JSON.string(try quote.text())
            rows += bases.map { Node(.array([.string(String($0)), name])) }
          }
          return rows
        },
        row: { row, _ throws(VenueFault) in
          let (base, quote) = (try row[0].text(), try row[1].text())
          return Market(id: "\(base)/\(quote)", base: base, quote: quote)
        },
        next: { answer throws(VenueFault) in
          guard answer.ask.cursor == nil else { return nil }
          var bases: [String] = []
          for base in try answer.body.elements() { bases.append(try base.text()) }
          return bases.joined(separator: ",")
        })
    ]
    feeds.tickers = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in open("GetMarketSummary", try pair(ask)) },
        rows: Picks.body, row: ticker)
    ]
    feeds.trades = [
      Feed(
        paging: Paging(.single), scope: .eachMarket,
        calls: { ask throws(VenueFault) in
          let count: Parameters = [
            "numberOfRecentTradesToRetrieve": .number(min(ask.limit ?? 50, 50))
          ]
          return open("GetRecentTrades", try pair(ask).adding(count))
        }, rows: Picks.list("Trades"),
        row: { row, ask throws(VenueFault) in
          PublicTrade(
            id: try row.optionalText("TradeGuid"), time: try row.time(.iso, "TradeTimestampUtc"),
            market: ask.market?.id ?? "", side: try row.optionalText("Taker", "Side").flatMap(side),
            price: try row.decimal("SecondaryCurrencyTradePrice"),
            amount: try row.decimal("PrimaryCurrencyAmount"))
        })
    ]
    feeds.books = [
      Feed(
        scope: .eachMarket,
        calls: { ask throws(VenueFault) in open("GetOrderBook", try pair(ask)) },
        rows: Picks.body,
        row: { row, ask throws(VenueFault) in
          OrderBook(
            market: ask.market?.id ?? "",
            time: try row.optionalTime(.iso, "CreatedTimestampUtc"),
            bids: try OrderBook.levels(row["BuyOrders"].optionalElements(), "Price", "Volume"),
            asks: try OrderBook.levels(row["SellOrders"].optionalElements(), "Price", "Volume"))
        })
    ]
  }

  /// `DayVolumeXbt` is of all quotes together; the other one, spelled so, is of this one.
  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    Ticker(
      market: try market(row), time: try row.optionalTime(.iso, "CreatedTimestampUtc"),
      last: try row.optionalDecimal("LastPrice"),
      bid: try row.optionalDecimal("CurrentHighestBidPrice"),
      ask: try row.optionalDecimal("CurrentLowestOfferPrice"),
      high: try row.optionalDecimal("DayHighestPrice"),
      low: try row.optionalDecimal("DayLowestPrice"),
      baseVolume: try row.optionalDecimal(
        "DayVolumeXbtInSecondaryCurrrency", "DayVolumeXbtInSecondaryCurrency"))
  }
}
