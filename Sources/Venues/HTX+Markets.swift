import Amounts
import Encodings
import Ledger
import VenueKit

// What HTX tells anybody. The four kinds of markets have routes of their own, alike in shape.

extension HTX {
  /// Where a kind of derivatives has its routes.
  private struct Family {
    let path: String
    let name: String
    let kinds: Set<MarketKind>
    let isInverse: Bool

    static let linear = Family(
      path: "linear-swap-ex/market/", name: "contract_code", kinds: [.swap, .future],
      isInverse: false)
    static let inverseSwap = Family(
      path: "swap-ex/market/", name: "contract_code", kinds: [.swap], isInverse: true)
    static let inverseFuture = Family(
      path: "market/", name: "symbol", kinds: [.future], isInverse: true)
    static let all = [linear, inverseSwap, inverseFuture]

    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      [name: .string(try ask.needed(kinds, isInverse: isInverse).id)]
    }

    func call(_ route: String, _ parameters: Parameters) -> Call {
      Call("contract.public", "GET", path + route, parameters, cost: contractOpen)
    }

    var kind: MarketKind { kinds.contains(.swap) ? .swap : .future }
  }

  private static func spotCall(_ route: String, _ parameters: Parameters = [:]) -> Call {
    Call("spot.public", "GET", "market/" + route, parameters, cost: open)
  }

  // MARK: - Markets and assets

  static var markets: [Feed<Market>] {
    [
      Feed(
        market: .spot,
        calls: { _ in [Call("spot.public", "GET", "v1/common/symbols", cost: open)] },
        rows: Pick.list("data"), row: spotMarket),
      contracts("linear-swap-api/v1/swap_contract_info", ["business_type": "all"], .swap),
      contracts("swap-api/v1/swap_contract_info", [:], .swap),
      contracts("api/v1/contract_contract_info", [:], .future),
    ]
  }

  private static func spotMarket(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    Market(
      id: try row.text("symbol"), base: try row.text("base-currency"),
      quote: try row.text("quote-currency"),
      isActive: try row.optionalText("state").map { $0 == "online" },
      amountStep: try row.step(digits: "amount-precision"),
      priceStep: try row.step(digits: "price-precision"),
      amountMin: try row.optionalDecimal("limit-order-min-order-amt", "min-order-amt"),
      amountMax: try row.optionalDecimal("limit-order-max-order-amt", "max-order-amt"),
      costMin: try row.optionalDecimal("min-order-value"))
  }

  private static func contracts(
    _ path: String, _ parameters: Parameters, _ kind: MarketKind
  ) -> Feed<Market> {
    Feed(
      market: kind,
      calls: { _ in
        [Call("contract.public", "GET", path, parameters, cost: contractOpen)]
      },
      rows: Pick.list("data"), row: contract)
  }

  private static func contract(_ row: Node, _: Ask) throws(VenueFault) -> Market? {
    let id = try row.text("contract_code")
    let base = try row.text("symbol")
    let settle = try row.optionalText("trade_partition") ?? base
    let expiry = try row.optionalTime(.milliseconds, "delivery_time")
    return Market(
      id: id, base: base, quote: settle == base ? "USD" : settle, settle: settle,
      kind: expiry == nil ? .swap : .future,
      isActive: try row.optionalText("contract_status").map { $0 == "1" },
      contractSize: try row.optionalDecimal("contract_size"), amountStep: .one,
      priceStep: try row.optionalDecimal("price_tick"), amountMin: .one, expiry: expiry)
  }

  // https://huobiapi.github.io/docs/spot/v1/en/#apiv2-currency-amp-chains
  static let assets = Feed<ListedAsset>(
    evidence: .recorded,
    calls: { _ in [Call("spot.public", "GET", "v2/reference/currencies", cost: open)] },
    rows: Pick.list("data"),
    row: { row, _ throws(VenueFault) in
      var networks: [AssetNetwork] = []
      for chain in try row["chains"].optionalElements() {
        networks.append(
          AssetNetwork(
            id: try chain.text("chain"), fee: chain.shownDecimal("transactFeeWithdraw"),
            withdrawMin: chain.shownDecimal("minWithdrawAmt"),
            contract: try chain.optionalText("contractAddress"),
            canDeposit: try chain.word("depositStatus", allowed),
            canWithdraw: try chain.word("withdrawStatus", allowed)))
      }
      return ListedAsset(id: try row.text("currency"), networks: networks)
    })
  private static let allowed = ["allowed": true, "prohibited": false]

  // MARK: - Tickers

  static var tickers: [Feed<Ticker>] {
    let ofOne = Feed<Ticker>(
      market: .spot, scope: .eachMarket, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        [spotCall("detail/merged", ["symbol": .string(try ask.needed([.spot]).id)])]
      },
      rows: Pick.one(), row: ticker)
    let ofAll = Feed<Ticker>(
      market: .spot,
      calls: { ask throws(VenueFault) in
        guard ask.market == nil else { throw .unsupported("one of all tickers") }
        return [spotCall("tickers")]
      },
      rows: Pick.list("data"), row: ticker)
    return [ofOne, ofAll] + Family.all.map(oneTicker) + [
      allTickers(.linear, ["business_type": "swap"], .swap),
      allTickers(.linear, ["business_type": "futures"], .future),
      allTickers(.inverseSwap, [:], .swap), allTickers(.inverseFuture, [:], .future),
    ]
  }

  private static func oneTicker(_ family: Family) -> Feed<Ticker> {
    Feed(
      market: family.kind, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        [family.call("detail/merged", try family.named(ask))]
      },
      rows: Pick.one(), row: ticker)
  }

  private static func allTickers(
    _ family: Family, _ parameters: Parameters, _ kind: MarketKind
  ) -> Feed<Ticker> {
    Feed(
      market: kind,
      calls: { ask throws(VenueFault) in
        guard ask.market == nil else { throw .unsupported("one of all tickers") }
        return [family.call("detail/batch_merged", parameters)]
      },
      rows: Pick.list("ticks"), row: ticker)
  }

  private static func ticker(_ row: Node, _ ask: Ask) throws(VenueFault) -> Ticker? {
    let tick = row["tick"].isNothing ? row : row["tick"]
    return Ticker(
      market: try tick.optionalText("symbol", "contract_code") ?? ask.market?.id ?? "",
      time: try row.optionalTime(.milliseconds, "ts", "quoteTime"),
      last: try tick.optionalDecimal("close"), bid: try best(tick["bid"]),
      ask: try best(tick["ask"]), high: try tick.optionalDecimal("high"),
      low: try tick.optionalDecimal("low"), open: try tick.optionalDecimal("open"),
      baseVolume: try tick.optionalDecimal("amount"), quoteVolume: tick.shownDecimal("vol"))
  }

  private static func best(_ node: Node) throws(VenueFault) -> Fixed? {
    if case .array? = node.json { return try node[0].optionalDecimal() }
    return try node.optionalDecimal()
  }

  // MARK: - Candles, trades, books

  static var candles: [Feed<Candle>] {
    let spot = Feed<Candle>(
      market: .spot, paging: Paging(.forward, most: 1_000), scope: .eachMarket,
      evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters: Parameters = [
          "period": .string(try period(ask.interval)),
          "symbol": .string(try ask.needed([.spot]).id),
        ]
        parameters = parameters.adding(ask.range("from", "to", "size", .seconds, most: 1_000))
        return [spotCall("history/candles", parameters)]
      },
      rows: Pick.listIfAny("data"), row: candle)
    return [spot] + Family.all.map(candles)
  }

  private static func candles(_ family: Family) -> Feed<Candle> {
    Feed(
      market: family.kind, paging: Paging(.forward, most: 2_000), scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let reach = Int64(max(0, min(ask.limit ?? 2_000, 2_000) - 1)) * Int64(ask.interval)
        let ends = ask.from.map { ask.to ?? $0.advanced(bySeconds: reach) } ?? ask.to ?? ask.now
        let starts = ask.from ?? ends.advanced(bySeconds: -reach)
        let parameters: Parameters = [
          "period": .string(try period(ask.interval)), "size": .number(ask.limit),
          "from": .text(starts, .seconds), "to": .text(ends, .seconds),
        ]
        return [family.call("history/kline", parameters.adding(try family.named(ask)))]
      },
      rows: Pick.listIfAny("data"), row: candle)
  }

  private static func period(_ seconds: Int) throws(VenueFault) -> String {
    let words = [
      60: "1min", 300: "5min", 900: "15min", 1_800: "30min", 3_600: "60min", 14_400: "4hour",
      86_400: "1day", 604_800: "1week", 2_592_000: "1mon", 31_536_000: "1year",
    ]
    guard let word = words[seconds] else { throw .unsupported("candles of \(seconds) s") }
    return word
  }

  private static func candle(_ row: Node, _: Ask) throws(VenueFault) -> Candle? {
    try Candle(row, .seconds, "id", volume: "amount")
  }

  static var trades: [Feed<PublicTrade>] {
    let spot = Feed<PublicTrade>(
      market: .spot, scope: .eachMarket, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        let size = min(ask.limit ?? 1_000, 2_000)
        return [
          spotCall(
            "history/trade",
            ["size": .number(size), "symbol": .string(try ask.needed([.spot]).id)])
        ]
      },
      rows: Pick.inner("data", of: "data"), row: trade)
    return [spot]
      + Family.all.map { family in
        Feed(
          market: family.kind, scope: .eachMarket,
          calls: { ask throws(VenueFault) in
            let size: Parameters = ["size": .number(min(ask.limit ?? 1_000, 2_000))]
            return [family.call("history/trade", size.adding(try family.named(ask)))]
          },
          rows: Pick.inner("data", of: "data"), row: trade)
      }
  }

  static func trade(_ row: Node, _ ask: Ask) throws(VenueFault) -> PublicTrade? {
    PublicTrade(
      id: try row.optionalText("trade-id", "tradeId", "id"),
      time: try row.time(.milliseconds, "ts"), market: ask.market?.id ?? "",
      side: try row.side("direction"), price: try row.decimal("price"),
      amount: try row.decimal("amount"))
  }

  static var books: [Feed<OrderBook>] {
    let spot = Feed<OrderBook>(
      market: .spot, scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        [
          spotCall(
            "depth", ["type": "step0", "symbol": .string(try ask.needed([.spot]).id)])
        ]
      },
      rows: Pick.one("tick"), row: book)
    return [spot]
      + Family.all.map { family in
        Feed(
          market: family.kind, scope: .eachMarket,
          calls: { ask throws(VenueFault) in
            let type: Parameters = ["type": "step0"]
            return [family.call("depth", type.adding(try family.named(ask)))]
          },
          rows: Pick.one("tick"), row: book)
      }
  }

  private static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "ts"),
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]),
      sequence: try row.optionalInteger("version"))
  }
}
