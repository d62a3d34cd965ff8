import Amounts
import Encodings
import Ledger
import VenueKit

// Our executions, the statements and the positions at HTX.

extension HTX {
  static func isFilled(_ count: Int, _ answer: Answer, _ name: String) -> Bool {
    guard let asked = answer.call.parameters[name]?.plainText else { return false }
    return count > 1 && String(count) == asked
  }

  // MARK: - Fills

  // https://huobiapi.github.io/docs/spot/v1/en/#search-match-results: windows of 48 hours, 120 days
  static let spotFills = Feed<Fill>(
    part: .spot, market: .spot,
    paging: Paging(.forward, most: 500, window: 2 * Paging.day, lookBack: 120 * Paging.day),
    scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = ["symbol": .text(try ask.optional([.spot])?.id)]
      parameters = parameters.adding(ask.range("start-time", "end-time", "size", most: 500))
      return [
        Call(
          "spot.private", "GET", "v1/order/matchresults", parameters, cost: ["matchresults": 1])
      ]
    },
    rows: Pick.listIfAny("data"), row: fill)

  static let linearFills = Feed<Fill>(
    part: .swap, market: .swap,
    paging: Paging(.forward, most: 100, window: 2 * Paging.day, lookBack: 90 * Paging.day),
    calls: { ask throws(VenueFault) in
      let market = try ask.optional([.swap, .future], isInverse: false)
      var parameters: Parameters = ["contract_code": .text(market?.id)]
      parameters = parameters.adding(ask.range("start_time", "end_time", "limit", most: 100))
      return [
        Call(
          "contract.private", "GET", "v5/trade/order/details", parameters, cost: contractKey)
      ]
    },
    rows: Pick.listIfAny("data"), row: contractFill)

  // https://huobiapi.github.io/docs/coin_margined_swap/v1/en/#query-history-match-results
  static func inverseFills(_ kind: MarketKind) -> Feed<Fill> {
    let isSwap = kind == .swap
    let path =
      isSwap ? "swap-api/v3/swap_matchresults_exact" : "api/v3/contract_matchresults_exact"
    return Feed(
      part: isSwap ? .inverse : .future, market: kind,
      paging: Paging(.cursor, most: 50, window: 2 * Paging.day, lookBack: 90 * Paging.day),
      scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        let market = try ask.needed([kind], isInverse: true)
        let parameters: Parameters = [
          "contract": .string(market.id), "trade_type": 0,
          "symbol": isSwap ? nil : .string(market.base),
          "start_time": .number(ask.from, .milliseconds),
          "end_time": .number(ask.to, .milliseconds), "page_size": .number(ask.limit),
          "from_id": ask.cursor.map { .number($0) },
        ]
        return [Call("contract.private", "POST", path, parameters, cost: contractKey)]
      },
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        if case .array? = data.json { return try data.elements() }
        return try data["trades"].optionalElements()
      },
      row: contractFill,
      next: { answer throws(VenueFault) in
        let left = try answer.body["data"].optionalInteger("remain_size") ?? 0
        return left > 0 ? try answer.body["data"].optionalText("next_id") : nil
      })
  }

  private static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let points = try row.decimalUnlessZero("filled-points")
    var fees = try row.fees("filled-fees", "fee-currency")
    if let points, let asset = try row.optionalText("fee-deduct-currency") {
      fees = [VenueAmount(asset, points)]
    }
    return Fill(
      id: try row.text("trade-id", "id"), order: try row.optionalText("order-id"),
      time: try row.time(.milliseconds, "created-at"),
      market: try row.optionalText("symbol") ?? ask.market?.id ?? "",
      side: try row.side("type"), price: try row.decimal("price"),
      amount: try row.decimal("filled-amount"), fees: fees,
      isMaker: try row.word("role", ["maker": true, "taker": false]))
  }

  private static func contractFill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let asset = try row.optionalText("fee_asset", "fee_currency")
    var fees: [VenueAmount] = []
    if let fee = try row.optionalDecimal("trade_fee", "fee"), let asset {
      fees = [VenueAmount(asset, try row.minus(fee))]
    }
    let profit = try row.optionalDecimal("real_profit", "offset_profitloss", "profit")
    let role = try row.optionalText("role")?.lowercased()
    return Fill(
      id: try row.text("id", "trade_id"),
      order: try row.optionalText("order_id_str", "order_id"),
      time: try row.time(.milliseconds, "create_date", "created_at", "created_time"),
      market: try row.optionalText("contract_code") ?? ask.market?.id ?? "",
      side: try row.side("direction", "side"), price: try row.decimal("trade_price"),
      amount: try row.decimal("trade_volume"), cost: try row.optionalDecimal("trade_turnover"),
      fees: fees, isMaker: role.map { $0 == "maker" }, part: .swap,
      realised: asset.flatMap { asset in profit.map { VenueAmount(asset, $0) } })
  }

  // MARK: - Statements

  static var statement: [Feed<StatementRow>] {
    [spotHistory, spotTransfers, linearBills, inverseBills(.swap), inverseBills(.future)]
  }

  // https://huobiapi.github.io/docs/spot/v1/en/#get-account-history: windows of an hour, 30 days
  private static let spotHistory = Feed<StatementRow>(
    part: .spot,
    paging: Paging(.cursor, most: 500, window: 3_600, lookBack: 30 * Paging.day),
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = [
        "account-id": .string(try ask.account("spot")), "currency": .text(ask.asset),
      ]
      parameters = parameters.adding(ask.range("start-time", "end-time", "size", most: 500))
      parameters["from-id"] = .text(ask.cursor)
      return [Call("spot.private", "GET", "v1/account/history", parameters, cost: ["history": 1])]
    },
    rows: Pick.listIfAny("data"),
    row: { row, _ throws(VenueFault) in
      let word = try row.text("transact-type")
      let known = historyKinds[word]
      return StatementRow(
        id: try row.optionalText("record-id"),
        time: try row.optionalTime(.milliseconds, "transact-time"),
        asset: try row.text("currency"), amount: try row.decimal("transact-amt"),
        kind: known?.kind, type: word, after: try row.optionalDecimal("acct-balance"),
        isToldElsewhere: known?.isTold ?? false)
    },
    next: Pick.text("next-id"))

  private static let historyKinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "trade": (.trade, true), "transact-fee": (.fee, true), "fee-deduction": (.fee, true),
    "transfer": (.internalTransfer, true), "deposit": (.deposit, true),
    "withdraw": (.withdrawal, true), "withdraw-fee": (.fee, true), "interest": (.interest, false),
    "rebate": (.feeRebate, false), "exchange": (.trade, false), "credit": (.loan, false),
    "liquidation": (.liquidation, false),
    // What the venue names nothing better for.
    "other-types": (.adjustment, false),
  ]

  // https://huobiapi.github.io/docs/spot/v1/en/#get-account-ledger: windows of 10 days, 180 days
  private static let spotTransfers = Feed<StatementRow>(
    part: .spot,
    paging: Paging(
      .cursor, most: 500, window: 10 * Paging.day, lookBack: 180 * Paging.day),
    calls: { ask throws(VenueFault) in
      var parameters: Parameters = [
        "accountId": .string(try ask.account("spot")), "currency": .text(ask.asset),
      ]
      parameters = parameters.adding(ask.range("startTime", "endTime", "limit", most: 500))
      parameters["fromId"] = .text(ask.cursor)
      return [Call("v2Private", "GET", "account/ledger", parameters)]
    },
    rows: Pick.listIfAny("data"),
    row: { row, _ throws(VenueFault) in
      // This route is for moves between own accounts; whatever else it tells, the history brings.
      guard try row.text("transactType") == "transfer" else { return nil }
      return StatementRow(
        id: try row.optionalText("transactId"),
        time: try row.optionalTime(.milliseconds, "transactTime"),
        asset: try row.text("currency"), amount: try row.decimal("transactAmt"),
        kind: .internalTransfer,
        type: try row.optionalText("transferType", "transactType"))
    },
    next: Pick.text("nextId"))

  private static let linearBills = Feed<StatementRow>(
    part: .swap, market: .swap,
    paging: Paging(.cursor, most: 100, window: 2 * Paging.day, lookBack: 90 * Paging.day),
    evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let market = try ask.optional([.swap, .future], isInverse: false)
      var parameters: Parameters = ["contract_code": .text(market?.id)]
      parameters = parameters.adding(ask.range("start_time", "end_time", "limit", most: 100))
      parameters["from"] = .text(ask.cursor)
      return [
        Call("contract.private", "GET", "v5/account/bills", parameters, cost: contractKey)
      ]
    },
    rows: Pick.listIfAny("data"), row: bill,
    next: { answer throws(VenueFault) in
      let rows = try answer.body["data"].optionalElements()
      return isFilled(rows.count, answer, "limit") ? try rows.last?.text("id") : nil
    })

  private static func inverseBills(_ kind: MarketKind) -> Feed<StatementRow> {
    let isSwap = kind == .swap
    let path =
      isSwap ? "swap-api/v3/swap_financial_record" : "api/v3/contract_financial_record"
    return Feed(
      part: isSwap ? .inverse : .future, market: kind,
      paging: Paging(.cursor, most: 50, window: 2 * Paging.day, lookBack: 90 * Paging.day),
      scope: isSwap ? .eachMarket : .eachAsset,
      calls: { ask throws(VenueFault) in
        let name = isSwap ? "contract" : "symbol"
        let id = isSwap ? try ask.needed([.swap], isInverse: true).id : ask.asset
        let parameters: Parameters = [
          name: .text(id), "start_time": .number(ask.from, .milliseconds),
          "end_time": .number(ask.to, .milliseconds),
          "from_id": ask.cursor.map { .number($0) },
        ]
        return [Call("contract.private", "POST", path, parameters, cost: contractKey)]
      },
      rows: Pick.listIfAny("data"), row: bill,
      next: { answer throws(VenueFault) in
        let rows = try answer.body["data"].optionalElements()
        return rows.count >= 50 ? try rows.last?.optionalText("query_id", "id") : nil
      })
  }

  private static func bill(_ row: Node, _: Ask) throws(VenueFault) -> StatementRow? {
    let word = try row.text("type")
    let known = billKinds[word]
    return StatementRow(
      id: try row.optionalText("id"),
      time: try row.optionalTime(.milliseconds, "created_time", "ts"),
      asset: try row.text("currency", "asset", "symbol"), amount: try row.decimal("amount"),
      kind: known?.kind, type: word, reference: try row.optionalText("contract_code"),
      part: .swap, isToldElsewhere: known?.isTold ?? false)
  }

  // https://huobiapi.github.io/docs/usdt_swap/v1/en/#general-query-account-financial-records
  private static let billKinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "3": (.marginGain, true), "4": (.marginGain, true), "5": (.marginFee, true),
    "6": (.marginFee, true), "7": (.marginFee, true), "8": (.marginFee, true),
    "9": (.marginGain, false), "10": (.marginGain, false), "11": (.marginFee, false),
    "12": (.liquidation, false), "13": (.liquidation, false), "14": (.internalTransfer, false),
    "15": (.internalTransfer, false), "19": (.marginLoss, false), "28": (.reward, false),
    "29": (.feeRebate, false), "30": (.marginFee, false), "31": (.marginFee, false),
    "34": (.internalTransfer, false), "35": (.internalTransfer, false),
    "36": (.internalTransfer, false), "37": (.internalTransfer, false),
    "38": (.internalTransfer, false), "39": (.internalTransfer, false),
  ]

  // MARK: - Positions

  static var positions: [Feed<OpenPosition>] {
    [
      Feed(
        part: .swap, market: .swap, evidence: .recorded,
        calls: { ask throws(VenueFault) in
          let market = try ask.optional([.swap, .future], isInverse: false)
          return [
            Call(
              "contract.private", "GET", "v5/trade/position/opens",
              ["contract_code": .text(market?.id)], cost: contractKey)
          ]
        },
        rows: Pick.listIfAny("data"),
        row: { row, ask throws(VenueFault) in try position(row, ask, .swap) }),
      inversePositions(.inverse, .swap, "swap-api/v1/swap_position_info"),
      inversePositions(.future, .future, "api/v1/contract_position_info"),
    ]
  }

  private static func inversePositions(
    _ part: AccountPart, _ kind: MarketKind, _ path: String
  ) -> Feed<OpenPosition> {
    Feed(
      part: part, market: kind,
      calls: { _ in [Call("contract.private", "POST", path, cost: contractKey)] },
      rows: Pick.listIfAny("data"),
      row: { row, ask throws(VenueFault) in try position(row, ask, part) })
  }

  private static func position(
    _ row: Node, _ ask: Ask, _ part: AccountPart
  ) throws(VenueFault) -> OpenPosition? {
    let id = try row.text("contract_code")
    let side = try row.optionalText("position_side")
    let direction = try row.side("direction")
    return OpenPosition(
      market: id,
      isLong: side == "long" ? true : side == "short" ? false : direction.map { $0 == .buy },
      contracts: row.size(try row.optionalDecimal("volume")),
      contractSize: ask.markets.market(id)?.contractSize,
      entryPrice: try row.optionalDecimal("open_avg_price", "cost_open"),
      markPrice: row.shownDecimal("mark_price"),
      liquidationPrice: row.shownDecimal("liquidation_price"),
      unrealised: try row.optionalDecimal("profit_unreal"),
      leverage: row.shownDecimal("lever_rate"),
      margin: row.shownDecimal("margin", "position_margin"),
      isIsolated: try row.word("margin_mode", ["isolated": true, "cross": false]),
      time: try row.optionalTime(.milliseconds, "updated_time"), part: part)
  }
}
