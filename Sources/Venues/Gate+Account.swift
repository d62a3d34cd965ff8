import Amounts
import Encodings
import Ledger
import VenueKit

// Executions, transfers, statements, positions and orders at Gate.

extension Gate {
  // https://www.gate.com/docs/developers/apiv4/en/#query-personal-trading-records
  // Windows of 30 days.
  static let spotFills = Feed<Fill>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 1_000, window: 30 * Paging.day),
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let named: Parameters = ["currency_pair": .text(try ask.optional([.spot])?.id)]
      return [get("spot", "my_trades", named.adding(page(ask, most: 1_000)))]
    },
    rows: list,
    row: { row, ask throws(VenueFault) in try fill(row, ask, .spot, "") })

  static func fills(_ family: Family) -> Feed<Fill> {
    Feed(
      part: family.part, market: family.kind,
      paging: Paging(.numbered, most: family.settle == nil ? 100 : 1_000),
      calls: { ask throws(VenueFault) in
        let parameters = try family.named(ask).adding(page(ask, most: 1_000))
        let isRange = family.section == "futures" && (ask.from ?? ask.to) != nil
        return [family.get(isRange ? "my_trades_timerange" : "my_trades", parameters)]
      },
      rows: list,
      row: { row, ask throws(VenueFault) in
        try fill(row, ask, family.part, family.settle?.uppercased() ?? "USDT")
      })
  }

  /// Contracts tell the side by the sign of their size, and times in seconds.
  private static func time(_ row: Node) throws(VenueFault) -> Instant {
    let isSpot = row["contract"].isNothing && !row["create_time_ms"].isNothing
    return try isSpot
      ? row.time(.milliseconds, "create_time_ms") : row.time(.seconds, "create_time", "time")
  }

  private static func side(_ row: Node, _ size: Fixed?) throws(VenueFault) -> Side? {
    if let side = try row.side("side", "type") { return side }
    guard let size, !size.isZero, row["amount"].isNothing else { return nil }
    return size.isNegative ? .sell : .buy
  }

  static func fill(
    _ row: Node, _ ask: Ask, _ part: AccountPart, _ settle: String
  ) throws(VenueFault) -> Fill? {
    let size = try row.decimal("amount", "size")
    var fees = try row.fees("fee", "fee_currency")
    if fees.isEmpty, !settle.isEmpty, let fee = try row.optionalDecimal("fee") {
      fees = [VenueAmount(settle, fee)]
    }
    return Fill(
      id: try row.text("id", "trade_id"), order: try row.optionalText("order_id"),
      time: try time(row),
      market: try row.optionalText("currency_pair", "contract") ?? ask.market?.id ?? "",
      side: try side(row, size), price: try row.decimal("price"),
      amount: row.size(size) ?? size, fees: fees,
      isMaker: try row.word("role", ["maker": true, "taker": false]), part: part)
  }

  // https://www.gate.com/docs/developers/apiv4/en/#retrieve-withdrawal-records: windows of 30 days
  static func transfers(_ direction: Transfer.Direction, _ path: String) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 500, window: 30 * Paging.day),
      calls: { ask in
        var parameters: Parameters = ["currency": .text(ask.asset)]
        parameters = parameters.adding(ask.range("from", "to", "limit", .seconds, most: 500))
        if ask.page > 0 { parameters["offset"] = .string(String(ask.page * (ask.limit ?? 100))) }
        return [get("wallet", path, parameters)]
      },
      rows: list,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("currency")
        let fee = try row.optionalDecimal("fee")
        var amount = try row.decimal("amount")
        // What a withdrawal states holds its fee.
        if direction == .withdrawal, let fee, let net = try? amount.subtracting(fee) {
          amount = net
        }
        return Transfer(
          id: try row.optionalText("id"), transactionHash: try row.optionalText("txid"),
          time: try row.optionalTime(.seconds, "timestamp"), direction: direction, asset: asset,
          amount: amount, fee: fee.map { VenueAmount(asset, $0) },
          network: try row.optionalText("chain"), address: try row.optionalText("address"),
          tag: try row.optionalText("memo"), status: try row.word("status", words))
      })
  }

  private static let words: [String: Transfer.Status] = [
    "DONE": .ok, "BLOCKED": .ok, "CANCEL": .canceled, "REQUEST": .pending, "MANUAL": .pending,
    "BCODE": .pending, "EXTPEND": .pending, "FAIL": .failed, "INVALID": .failed,
    "VERIFY": .pending, "PROCES": .pending, "PEND": .pending, "DMOVE": .pending,
    "SPLITPEND": .pending, "REVIEW": .pending, "TRACK": .pending,
  ]

  // MARK: - Statements

  // https://www.gate.com/docs/developers/apiv4/en/#query-spot-account-transaction-history
  static let spotBook = Feed<StatementRow>(
    part: .spot, paging: Paging(.numbered, most: 1_000, window: 30 * Paging.day),
    calls: { ask in
      let asset: Parameters = ["currency": .text(ask.asset)]
      return [get("spot", "account_book", asset.adding(page(ask, most: 1_000)))]
    },
    rows: list,
    row: { row, _ throws(VenueFault) in
      try line(row, try row.text("currency"), .spot, .milliseconds)
    })

  static func contractBook(_ family: Family) -> Feed<StatementRow> {
    Feed(
      part: family.part, market: family.kind,
      paging: Paging(.numbered, most: 1_000, window: 30 * Paging.day),
      calls: { ask throws(VenueFault) in
        _ = try family.market(ask)
        return [family.get("account_book", page(ask, most: 1_000))]
      },
      rows: list,
      row: { row, _ throws(VenueFault) in
        try line(row, family.settle?.uppercased() ?? "", family.part, .seconds)
      })
  }

  private static func line(
    _ row: Node, _ asset: String, _ part: AccountPart, _ form: TimeForm
  ) throws(VenueFault) -> StatementRow? {
    let word = try row.text("type")
    let known = kinds[word]
    return StatementRow(
      id: try row.optionalText("id"), time: try row.optionalTime(form, "time"), asset: asset,
      amount: try row.decimal("change"), kind: known?.kind, type: word,
      reference: try row.optionalText("trade_id", "text"),
      after: try row.optionalDecimal("balance"), part: part,
      isToldElsewhere: known?.isTold ?? false)
  }

  // https://www.gate.com/docs/developers/apiv4/en/#accountbook-type
  private static let kinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "deposit": (.deposit, true), "withdraw": (.withdrawal, true), "new_order": (.trade, true),
    "order_fill": (.trade, true), "order_fee": (.fee, true), "fee": (.fee, true),
    "sub_account_transfer": (.transfer, false), "margin_in": (.internalTransfer, false),
    "margin_out": (.internalTransfer, false), "margin_funding_in": (.internalTransfer, false),
    "margin_funding_out": (.internalTransfer, false),
    "cross_margin_in": (.internalTransfer, false),
    "cross_margin_out": (.internalTransfer, false), "futures_in": (.internalTransfer, false),
    "futures_out": (.internalTransfer, false), "delivery_in": (.internalTransfer, false),
    "delivery_out": (.internalTransfer, false), "options_in": (.internalTransfer, false),
    "options_out": (.internalTransfer, false), "quant_in": (.internalTransfer, false),
    "quant_out": (.internalTransfer, false), "dnw": (.internalTransfer, false),
    "referral_fee": (.referral, false), "refr": (.referral, false), "fund": (.marginFee, false),
    "interest": (.interest, false), "profit": (.interest, false), "lend": (.stake, false),
    "redeem": (.unstake, false), "pnl": (.marginGain, false),
    "flash_swap_buy": (.trade, false), "flash_swap_sell": (.trade, false),
  ]

  // MARK: - Positions

  static func positions(_ family: Family) -> Feed<OpenPosition> {
    Feed(
      part: family.part, market: family.kind, evidence: .recorded,
      calls: { ask throws(VenueFault) in
        _ = try family.market(ask)
        return [family.get("positions", [:])]
      },
      rows: list,
      row: { row, ask throws(VenueFault) in
        let id = try row.text("contract")
        let size = try row.optionalDecimal("size")
        let leverage = row.shownDecimal("leverage")
        return OpenPosition(
          market: id, isLong: size.flatMap { $0.isZero ? nil : !$0.isNegative },
          contracts: row.size(size),
          contractSize: ask.markets.market(id, family.kind)?.contractSize,
          entryPrice: try row.optionalDecimal("entry_price"),
          markPrice: row.shownDecimal("mark_price"),
          liquidationPrice: row.shownDecimal("liq_price"),
          unrealised: try row.optionalDecimal("unrealised_pnl"), leverage: leverage,
          margin: row.shownDecimal("margin"), isIsolated: leverage.map { !$0.isZero },
          time: try row.optionalTime(.seconds, "update_time"), part: family.part)
      })
  }

  // MARK: - Orders

  static let openSpotOrders = Feed<Order>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100),
    calls: { ask throws(VenueFault) in
      let named: Parameters = [
        "account": "spot", "currency_pair": .text(try ask.optional([.spot])?.id),
        "status": "open",
      ]
      return [get("spot", "open_orders", named.adding(page(ask, most: 100)))]
    },
    rows: Pick.inner("orders"), row: order)

  static let closedSpotOrders = Feed<Order>(
    part: .spot, market: .spot, paging: Paging(.numbered, most: 100, window: 30 * Paging.day),
    calls: { ask throws(VenueFault) in
      let named: Parameters = [
        "account": "spot", "currency_pair": .text(try ask.optional([.spot])?.id),
        "status": "finished",
      ]
      return [get("spot", "orders", named.adding(page(ask, most: 100)))]
    },
    rows: list, row: order)

  static func orders(_ family: Family, _ status: String) -> Feed<Order> {
    Feed(
      part: family.part, market: family.kind, paging: Paging(.numbered, most: 100),
      calls: { ask throws(VenueFault) in
        var parameters = try family.named(ask)
        let isRange =
          family.section == "futures" && status == "finished" && (ask.from ?? ask.to) != nil
        if !isRange { parameters["status"] = .string(status) }
        return [
          family.get(
            isRange ? "orders_timerange" : "orders", parameters.adding(page(ask, most: 100)))
        ]
      },
      rows: list, row: order)
  }

  static func order(_ row: Node, _ ask: Ask) throws(VenueFault) -> Order? {
    // Orders that wait for a price hold what they will place.
    let inner = row.first(["put", "initial"])
    let body = inner.isNothing ? row : inner
    let size = try body.optionalDecimal("amount", "size")
    let isContract = !body["contract"].isNothing
    let left = try row.optionalDecimal("left")
    let average = try row.decimalUnlessZero("avg_deal_price")
    let fillPrice = isContract ? try row.decimalUnlessZero("fill_price") : average
    let price = try body.decimalUnlessZero("price")
    let type = try body["type"].isNothing ? (price == nil ? "market" : "limit") : body.text("type")
    let side = try side(body, isContract ? size : nil)
    let isCost = !isContract && type == "market" && side == .buy
    let market = try body.optionalText("currency_pair", "contract")
    let other = try row.optionalText("market")
    let filled = try row.optionalDecimal("filled_amount")
    let isRefused = try row.optionalFlag("succeeded") == false
    return Order(
      id: try row.text("id"), clientID: try body.optionalText("text"),
      time: try placed(row),
      market: market ?? other, type: type, side: side,
      price: price ?? fillPrice,
      amount: isCost ? nil : row.size(size),
      filled: filled ?? (inner.isNothing ? nil : .zero),
      remaining: isCost ? nil : row.size(left), average: fillPrice,
      status: isRefused ? .rejected : try status(row),
      fees: try row.fees("fee", "fee_currency"))
  }

  private static func placed(_ row: Node) throws(VenueFault) -> Instant? {
    if row["contract"].isNothing, !row["create_time_ms"].isNothing {
      return try row.optionalTime(.milliseconds, "create_time_ms")
    }
    return try row.optionalTime(.seconds, "create_time", "ctime")
  }

  private static func status(_ row: Node) throws(VenueFault) -> Order.Status? {
    if let how = try row.word("finish_as", ends) { return how }
    return try row.word("status", states)
  }

  private static let states: [String: Order.Status] = [
    "open": .open, "closed": .closed, "finished": .closed, "cancelled": .canceled,
    "expired": .expired, "failed": .rejected, "inactive": .canceled, "invalid": .rejected,
  ]
  private static let ends: [String: Order.Status] = [
    "open": .open, "filled": .closed, "cancelled": .canceled, "liquidated": .closed,
    "ioc": .canceled,
    "auto_deleveraged": .closed, "reduce_only": .canceled, "position_closed": .canceled,
    "stp": .canceled, "poc": .canceled,
  ]
}
