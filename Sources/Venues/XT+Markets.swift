import Amounts
import Encodings
import Ledger
import VenueKit

// What XT tells anybody, and orders.

extension XT {
  static let markets = Feed<Market>(
    market: .spot, calls: { _ in [look("symbol")] }, rows: Pick.list("result", "symbols"),
    row: { row, _ throws(VenueFault) in
      let isOnline = try row.optionalText("state").map { $0 == "ONLINE" }
      let trades = try row.optionalFlag("tradingEnabled") ?? true
      return Market(
        id: try row.text("symbol"), base: try row.text("baseCurrency"),
        quote: try row.text("quoteCurrency"), isActive: isOnline.map { $0 && trades },
        amountStep: try row.step(digits: "quantityPrecision"),
        priceStep: try row.step(digits: "pricePrecision"))
    })

  static func contracts(_ family: Family) -> Feed<Market> {
    Feed(
      market: .swap, calls: { _ in [family.look("symbol/list", [:])] }, rows: rows,
      row: { row, _ throws(VenueFault) in
        let (base, quote) = (try row.text("baseCoin"), try row.text("quoteCoin"))
        let expiry = try row.optionalTime(.milliseconds, "deliveryDate")
        return Market(
          id: try row.text("symbol"), base: base, quote: quote,
          settle: family.isInverse ? base : quote, kind: expiry == nil ? .swap : .future,
          isActive: try row.optionalText("state").map { $0 == "0" },
          contractSize: try row.optionalDecimal("contractSize"), amountStep: .one,
          priceStep: try row.step(digits: "pricePrecision"),
          amountMin: try row.optionalDecimal("minQty"), expiry: expiry)
      })
  }

  static let assets = Feed<ListedAsset>(
    calls: { _ in [look("wallet/support/currency")] }, rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["supportChains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chain"), fee: chain.shownDecimal("withdrawFeeAmount"),
            withdrawMin: chain.shownDecimal("withdrawMinAmount"),
            contract: try chain.optionalText("contract"),
            canDeposit: try chain.optionalFlag("depositEnabled"),
            canWithdraw: try chain.optionalFlag("withdrawEnabled")))
      }
      return ListedAsset(id: try row.text("currency"), networks: networks)
    })

  static let tickers = Feed<Ticker>(
    market: .spot,
    calls: { ask throws(VenueFault) in
      [look("ticker/24h", ["symbol": .text(try ask.optional([.spot])?.id)])]
    },
    rows: Pick.list("result"), row: ticker)

  static func contractTickers(_ family: Family) -> Feed<Ticker> {
    Feed(
      market: .swap, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let isOne = ask.market != nil
        return [family.look(isOne ? "q/agg-ticker" : "q/agg-tickers", try family.named(ask))]
      },
      rows: { answer throws(VenueFault) in
        let result = answer.body["result"]
        if case .array? = result.json { return try result.elements() }
        return result.isNothing ? [] : [result]
      }, row: ticker)
  }

  static func ticker(_ row: Node, _: Ask) throws(VenueFault) -> Ticker? {
    // Of contracts `a` counts them and `v` is the quote; of spot `q` is the base and `v` the quote.
    Ticker(
      market: try row.text("s"), time: try row.optionalTime(.milliseconds, "t"),
      last: try row.optionalDecimal("c"), bid: try row.optionalDecimal("bp"),
      ask: try row.optionalDecimal("ap"), high: try row.optionalDecimal("h"),
      low: try row.optionalDecimal("l"), open: try row.optionalDecimal("o"),
      baseVolume: try row.optionalDecimal("a", "q"), quoteVolume: row.shownDecimal("v"))
  }

  static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1h", 7_200: "2h",
        14_400: "4h", 21_600: "6h", 28_800: "8h", 86_400: "1d", 259_200: "3d", 604_800: "1w",
        2_592_000: "1M",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      let market = try ask.needed()
      var parameters: Parameters = ["interval": .string(word), "symbol": .string(market.id)]
      parameters = parameters.adding(ask.range("startTime", "endTime", nil))
      parameters["limit"] = .string(String(min(ask.limit ?? 1_000, 1_000)))
      if market.kind == .spot { return [look("kline", parameters)] }
      return [Family.both[market.isInverse ? 1 : 0].look("q/kline", parameters)]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      Candle(
        time: try row.time(.milliseconds, "t"), open: try row.decimal("o"),
        high: try row.decimal("h"), low: try row.decimal("l"), close: try row.decimal("c"),
        volume: try row.optionalDecimal("q", "a"))
    })

  static let trades = Feed<PublicTrade>(
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let market = try ask.needed()
      let named: Parameters = ["symbol": .string(market.id)]
      if market.kind == .spot {
        return [look("trade/recent", named.adding(ask.range(nil, nil, "limit", most: 1_000)))]
      }
      let count: Parameters = ["num": .string(String(min(ask.limit ?? 100, 1_000)))]
      return [Family.both[market.isInverse ? 1 : 0].look("q/deal", named.adding(count))]
    },
    rows: Pick.list("result"),
    row: { row, ask throws(VenueFault) in
      // Of spot `b` says whether the buyer stood in the book.
      let side: Side?
      if let wasBuyer = try row.optionalFlag("b") {
        side = wasBuyer ? .sell : .buy
      } else {
        side = try row.word("m", ["BID": .buy, "ASK": .sell])
      }
      let size = try row.optionalText("s").flatMap { ask.markets.market($0, .swap)?.contractSize }
      var amount = try row.decimal("q", "a")
      if row["q"].isNothing, let size, let base = try? amount.multiplied(by: size, rounding: .down)
      {
        amount = base
      }
      return PublicTrade(
        id: try row.optionalText("i"), time: try row.time(.milliseconds, "t"),
        market: try row.optionalText("s") ?? ask.market?.id ?? "", side: side,
        price: try row.decimal("p"), amount: amount)
    })

  static let books = Feed<OrderBook>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let market = try ask.needed()
      let named: Parameters = ["symbol": .string(market.id)]
      if market.kind == .spot {
        return [look("depth", named.adding(ask.range(nil, nil, "limit", most: 500)))]
      }
      let level: Parameters = ["level": .string(String(min(ask.limit ?? 50, 50)))]
      return [Family.both[market.isInverse ? 1 : 0].look("q/depth", named.adding(level))]
    },
    rows: Pick.one("result"),
    row: { row, ask throws(VenueFault) in
      OrderBook(
        market: ask.market?.id ?? "",
        time: try row.optionalTime(.milliseconds, "timestamp", "t"),
        bids: try OrderBook.levels(row.first(["bids", "b"])),
        asks: try OrderBook.levels(row.first(["asks", "a"])),
        sequence: try row.optionalInteger("lastUpdateId"))
    })

  static func orders(_ path: String, _ state: Parameters) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.cursor, most: 100), evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let named: Parameters = [
          "bizType": "SPOT", "symbol": .text(try ask.optional([.spot])?.id),
        ]
        let range = path == "open-order" ? [:] : page(ask)
        return [get(path, named.adding(state).adding(range))]
      },
      rows: rows, row: order, next: more("orderId"))
  }

  static func contractOrders(_ family: Family, _ state: String) -> Feed<Order> {
    Feed(
      part: family.part, market: .swap, paging: Paging(.numbered, most: 100),
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try family.named(ask)
        parameters["state"] = .string(state)
        parameters = parameters.adding(ask.range("startTime", "endTime", "size", most: 100))
        if ask.page > 0 { parameters["page"] = .string(String(ask.page + 1)) }
        return [family.get("trade/v1/order/list", parameters)]
      },
      rows: rows, row: order)
  }

  /// Orders of contracts count them; they are given in base where the contract's size is known.
  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    let id = try row.text("symbol")
    let isContract = !row["positionSide"].isNothing
    let size = isContract ? ask.markets.market(id, .swap)?.contractSize ?? .one : .one
    func base(_ name: String) throws(VenueFault) -> Fixed? {
      guard let count = try row.optionalDecimal(name) else { return nil }
      return try? count.multiplied(by: size, rounding: .halfEven)
    }
    let average = try row.decimalUnlessZero("avgPrice")
    return Order(
      id: try row.text("orderId", "entrustId"), clientID: try row.optionalText("clientOrderId"),
      time: try row.optionalTime(.milliseconds, "time", "createdTime"), market: id,
      type: try row.optionalText("type", "orderType")?.lowercased(),
      side: try row.side("side", "orderSide"),
      price: try row.decimalUnlessZero("price") ?? average, amount: try base("origQty"),
      filled: try base("executedQty"), average: average, status: try row.word("state", states),
      fees: try row.fees("fee", "feeCurrency"))
  }

  static let states: [String: Order.Status] = [
    "NEW": .open, "PARTIALLY_FILLED": .open, "FILLED": .closed, "CANCELED": .canceled,
    "PARTIALLY_CANCELED": .canceled, "REJECTED": .rejected, "EXPIRED": .expired,
    "UNFINISHED": .open, "NOT_TRIGGERED": .open, "TRIGGERING": .open, "TRIGGERED": .closed,
    "USER_REVOCATION": .canceled, "PLATFORM_REVOCATION": .rejected, "HISTORY": .expired,
  ]
}
