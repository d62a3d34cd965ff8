import Amounts
import Encodings
import Ledger
import VenueKit

// What DigiFinex tells anybody, and orders.

extension DigiFinex {
  static let markets = Feed<Market>(
    market: .spot, calls: { _ in [look("spot/symbols")] }, rows: Pick.list("symbol_list"),
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("symbol"), base: try row.text("base_asset"),
        quote: try row.text("quote_asset"),
        isActive: try row.optionalText("status").map { $0 == "TRADING" },
        amountStep: try row.step(digits: "amount_precision"),
        priceStep: try row.step(digits: "price_precision"),
        amountMin: row.shownDecimal("minimum_amount"), costMin: row.shownDecimal("minimum_value"))
    })

  static let contracts = Feed<Market>(
    market: .swap, calls: { _ in [lookSwap("instruments")] }, rows: data,
    row: { row, _ throws(VenueFault) in
      Market(
        id: try row.text("instrument_id"), base: try row.text("base_currency"),
        quote: try row.text("quote_currency"), settle: try row.optionalText("clear_currency"),
        kind: .swap, isActive: try row.optionalFlag("is_trading"),
        contractSize: try row.optionalDecimal("contract_value"), amountStep: .one,
        priceStep: try row.optionalDecimal("tick_size"),
        amountMin: try row.optionalDecimal("min_order_amount"))
    })

  /// A row a network.
  static let assets = Feed<ListedAsset>(
    evidence: .recorded, calls: { _ in [look("currencies")] }, rows: data,
    row: { row, _ throws(VenueFault) in
      let network = AssetNetwork(
        id: try row.optionalText("chain") ?? "", fee: row.shownDecimal("min_withdraw_fee"),
        withdrawMin: row.shownDecimal("min_withdraw_amount"),
        canDeposit: try row.optionalFlag("deposit_status"),
        canWithdraw: try row.optionalFlag("withdraw_status"))
      return ListedAsset(id: try row.text("currency"), networks: [network])
    })

  static let tickers = Feed<Ticker>(
    market: .spot, calls: { ask throws(VenueFault) in [look("ticker", try symbol(ask))] },
    rows: Pick.list("ticker"),
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("symbol").uppercased(), last: try row.optionalDecimal("last"),
        bid: try row.optionalDecimal("buy"), ask: try row.optionalDecimal("sell"),
        high: try row.optionalDecimal("high"), low: try row.optionalDecimal("low"),
        baseVolume: try row.optionalDecimal("vol"), quoteVolume: row.shownDecimal("base_vol"))
    })

  static let swapTickers = Feed<Ticker>(
    market: .swap,
    calls: { ask throws(VenueFault) in
      [lookSwap(ask.market == nil ? "tickers" : "ticker", try instrument(ask))]
    },
    rows: { answer throws(VenueFault) in
      let data = answer.body["data"]
      if case .array? = data.json { return try data.elements() }
      return data.isNothing ? [] : [data]
    },
    row: { row, _ throws(VenueFault) in
      Ticker(
        market: try row.text("instrument_id"),
        time: try row.optionalTime(.milliseconds, "timestamp"),
        last: try row.optionalDecimal("last"), bid: try row.optionalDecimal("best_bid"),
        ask: try row.optionalDecimal("best_ask"), high: try row.optionalDecimal("high_24h"),
        low: try row.optionalDecimal("low_24h"), open: try row.optionalDecimal("open_24h"),
        baseVolume: try row.optionalDecimal("volume_24h"))
    })

  static let candles = Feed<Candle>(
    market: .spot, paging: Paging(.forward, most: 500), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1", 300: "5", 900: "15", 1_800: "30", 3_600: "60", 14_400: "240", 43_200: "720",
        86_400: "1D", 604_800: "1W",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      _ = try ask.needed()
      var parameters = try symbol(ask)
      parameters["period"] = .string(word)
      let reach = { (count: Int) in Int64(min(count, 500)) * Int64(ask.interval) }
      if let from = ask.from {
        parameters["start_time"] = .text(from, .seconds)
        let end = ask.limit.map { from.advanced(bySeconds: reach($0)) } ?? ask.to
        parameters["end_time"] = .text(end, .seconds)
      } else if ask.to != nil || ask.limit != nil {
        let end = ask.to ?? ask.now
        parameters["end_time"] = .text(end, .seconds)
        parameters["start_time"] = .text(
          end.advanced(bySeconds: -reach(ask.limit ?? 200)), .seconds)
      }
      return [look("kline", parameters)]
    },
    rows: data,
    // Time, volume, close, high, low, open.
    row: { row, _ throws(VenueFault) in
      Candle(
        time: try row[0].time(.seconds), open: try row[5].decimal(), high: try row[3].decimal(),
        low: try row[4].decimal(), close: try row[2].decimal(),
        volume: try row[1].optionalDecimal())
    })

  static let swapCandles = Feed<Candle>(
    market: .swap, paging: Paging(.backward, most: 100), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let words = [
        60: "1m", 300: "5m", 900: "15m", 1_800: "30m", 3_600: "1H", 14_400: "4H",
        43_200: "12H", 86_400: "1D", 604_800: "1W",
      ]
      guard let word = words[ask.interval] else {
        throw .unsupported("candles of \(ask.interval) s")
      }
      _ = try ask.needed()
      var parameters = try instrument(ask)
      parameters["granularity"] = .string(word)
      return [lookSwap("candles", parameters.adding(ask.range(nil, nil, "limit", most: 100)))]
    },
    rows: Pick.listIfAny("data", "candles"),
    row: { row, _ throws(VenueFault) in
      try Candle(row, .milliseconds)
    })

  static let trades = Feed<PublicTrade>(
    market: .spot, scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [look("trades", try symbol(ask).adding(ask.range(nil, nil, "limit", most: 500)))]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("id"), time: try row.time(.seconds, "date"),
        market: ask.market?.id ?? "", side: try row.side("type"),
        price: try row.decimal("price"), amount: try row.decimal("amount"))
    })

  static let swapTrades = Feed<PublicTrade>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      let range = ask.range(nil, nil, "limit", most: 100)
      return [lookSwap("trades", try instrument(ask).adding(range))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      PublicTrade(
        id: try row.optionalText("trade_id"), time: try row.time(.milliseconds, "trade_time"),
        market: try row.text("instrument_id"), side: try row.word("direction", directions),
        price: try row.decimal("price"), amount: try row.decimal("volume"))
    })

  static let books = Feed<OrderBook>(
    market: .spot, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      return [look("order_book", try symbol(ask).adding(ask.range(nil, nil, "limit", most: 150)))]
    },
    rows: Pick.one(), row: book)

  static let swapBooks = Feed<OrderBook>(
    market: .swap, scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      _ = try ask.needed()
      let range = ask.range(nil, nil, "limit", most: 100)
      return [lookSwap("depth", try instrument(ask).adding(range))]
    },
    rows: Pick.one("data"), row: book)

  static func book(_ row: Node, _ ask: Ask) throws(VenueFault) -> OrderBook? {
    OrderBook(
      market: ask.market?.id ?? "", time: try row.optionalTime(.milliseconds, "timestamp"),
      bids: try OrderBook.levels(row["bids"]), asks: try OrderBook.levels(row["asks"]))
  }

  static func orders(_ path: String) -> Feed<Order> {
    Feed(
      part: .spot, market: .spot, paging: Paging(.forward, most: 100),
      calls: { ask throws(VenueFault) in
        let isPast = path.hasSuffix("history")
        let range =
          isPast ? ask.range("start_time", "end_time", "limit", .seconds, most: 100) : [:]
        return [get(path, try marked(ask).adding(range))]
      },
      rows: data, row: order)
  }

  static func swapOrders(_ path: String) -> Feed<Order> {
    Feed(
      part: .swap, market: .swap, paging: Paging(.forward, most: 100),
      calls: { ask throws(VenueFault) in
        let range = ask.range("start_timestamp", "end_timestamp", "limit", most: 100)
        return [swap(path, try instrument(ask).adding(range))]
      },
      rows: data, row: order)
  }

  static func order(_ row: Node, _: Ask) throws(VenueFault) -> Order? {
    let isSwap = !row["state"].isNothing
    let word = try row.optionalText("type") ?? ""
    let average = try row.decimalUnlessZero("avg_price", "price_avg")
    let kind = try row.optionalText("order_type")
    let isMarket =
      isSwap ? ["5", "6", "7", "8", "14", "15"].contains(kind) : word.hasSuffix("_market")
    return Order(
      id: try row.text("order_id"),
      time: isSwap
        ? try row.optionalTime(.milliseconds, "insert_time", "time_stamp")
        : try row.optionalTime(.seconds, "created_date"),
      market: try row.optionalText("symbol", "instrument_id"),
      type: word.isEmpty ? nil : isMarket ? "market" : "limit",
      side: isSwap ? directions[word] : try row.side("type"),
      price: try row.decimalUnlessZero("price") ?? average,
      amount: try row.optionalDecimal("amount", "size"),
      filled: try row.optionalDecimal("executed_amount", "filled_qty"), average: average,
      status: isSwap ? try row.word("state", swapStates) : try row.word("status", states))
  }

  static let states: [String: Order.Status] = [
    "0": .open, "1": .open, "2": .closed, "3": .canceled, "4": .canceled,
  ]
  static let swapStates: [String: Order.Status] = [
    "-2": .rejected, "-1": .canceled, "0": .open, "1": .open, "2": .closed, "3": .open,
    "4": .open,
  ]
}
