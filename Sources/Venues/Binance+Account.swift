import Amounts
import Encodings
import Ledger
import VenueKit

// What an account at Binance holds and did, beyond trading on spot and futures.

extension Binance {
  /// A call of the wallet, margin and earn interface.
  static func sapi(
    _ method: String, _ path: String, _ parameters: Parameters = [:], ip: Int = 0, uid: Int = 0
  ) -> Call {
    var cost: [String: Int] = [:]
    if ip > 0 || uid == 0 { cost["SAPI_IP"] = max(ip, 1) }
    if uid > 0 { cost["SAPI_UID"] = uid }
    return Call("sapi", method, path, parameters, cost: cost)
  }

  // MARK: - Balances

  static let balances: [Feed<Balance>] = [
    Feed(
      part: .spot,
      calls: { ask in [spot.call("GET", "account", ask.extra)] },
      rows: Pick.list("balances"), row: BinanceLike.balance(.spot)),
    Feed(
      part: .funding,
      calls: { ask in [sapi("POST", "asset/get-funding-asset", ask.extra)] },
      rows: Pick.list(), row: BinanceLike.balance(.funding)),
    Feed(
      part: .margin, calls: { _ in [sapi("GET", "margin/account", ip: 10)] },
      rows: Pick.list("userAssets"), row: BinanceLike.balance(.margin)),
    Feed(
      part: .isolatedMargin, calls: { _ in [sapi("GET", "margin/isolated/account", ip: 10)] },
      rows: isolated, row: BinanceLike.balance(.isolatedMargin)),
    Feed(
      part: .swap,
      calls: { _ in [Call("fapiPrivateV3", "GET", "account", cost: ["FAPI": 5])] },
      rows: Pick.list("assets"), row: BinanceLike.marginBalance(.swap)),
    Feed(
      part: .inverse,
      calls: { _ in [Call("dapiPrivate", "GET", "account", cost: ["DAPI": 5])] },
      rows: Pick.list("assets"), row: BinanceLike.marginBalance(.inverse)),
    earn("simple-earn/flexible/position", "totalAmount"),
    earn("simple-earn/locked/position", "amount"),
  ]

  private static func isolated(_ answer: Answer) throws(VenueFault) -> [Node] {
    var rows: [Node] = []
    for pair in try answer.body["assets"].elements() {
      rows += [pair["baseAsset"], pair["quoteAsset"]]
    }
    return rows
  }

  // https://developers.binance.com/docs/simple_earn
  private static func earn(_ path: String, _ amount: String) -> Feed<Balance> {
    Feed(
      part: .earn, paging: Paging(.numbered, most: 100),
      calls: { ask in
        let parameters: Parameters = [
          "asset": .text(ask.asset), "current": .number(ask.page + 1),
          "size": .number(min(ask.limit ?? 100, 100)),
        ]
        return [sapi("GET", path, parameters, ip: 150)]
      },
      rows: Pick.listIfAny("rows"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("asset"), free: .zero, used: try row.decimal(amount), part: .earn)
      })
  }

  // MARK: - Margin

  /// By id where the stretch is longer than the day that may be asked for by time.
  ///
  /// https://developers.binance.com/docs/margin_trading/trade/Query-Margin-Account-Trade-List
  static func marginFills(_ part: AccountPart) -> Feed<Fill> {
    Feed(
      part: part, market: .spot, paging: Paging(.cursor, most: 1_000), scope: .eachMarket,
      calls: { ask throws(VenueFault) in
        var parameters = spot.parameters(
          ask, ["symbol": .string(try spot.market(ask).id)], most: 1_000)
        BinanceLike.askByID(ask, &parameters)
        if part == .isolatedMargin { parameters["isIsolated"] = .string("TRUE") }
        return [sapi("GET", "margin/myTrades", parameters, ip: 10)]
      },
      rows: Pick.list(), row: BinanceLike.fill(part),
      next: { answer throws(VenueFault) in try BinanceLike.nextID(answer, most: 1_000) })
  }

  static let marginOrders = Feed<Order>(
    part: .margin, market: .spot,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = ["symbol": try spot.marketID(ask)]
      return [sapi("GET", "margin/openOrders", parameters.adding(ask.extra), ip: 10)]
    },
    rows: Pick.list(), row: BinanceLike.order)

  // MARK: - Transfers

  // https://developers.binance.com/docs/wallet/capital/deposite-history
  static let deposits = Feed<Transfer>(
    paging: Paging(.forward, most: 1_000, window: 90 * Paging.day), evidence: .recorded,
    calls: { ask in
      let parameters: Parameters = ["coin": .text(ask.asset)]
      return [
        sapi("GET", "capital/deposit/hisrec", spot.parameters(ask, parameters, most: 1_000))
      ]
    },
    rows: Pick.list(), row: BinanceLike.deposit)

  // https://developers.binance.com/docs/wallet/capital/withdraw-history
  static let withdrawals = Feed<Transfer>(
    paging: Paging(.forward, most: 1_000, window: 90 * Paging.day), evidence: .recorded,
    calls: { ask in
      var parameters = spot.parameters(ask, ["coin": .text(ask.asset)], most: 1_000)
      if let from = ask.from, ask.to == nil {
        let end = from.advanced(bySeconds: Int64(90 * Paging.day))
        parameters["endTime"] = .text(min(end, ask.now), .milliseconds)
      }
      return [sapi("GET", "capital/withdraw/history", parameters, uid: 18_000)]
    },
    rows: Pick.list(), row: BinanceLike.withdrawal)

  /// A call costs a quarter of what a user may ask for in a minute; of a longest time between its
  /// ends the document says nothing, and 30 days are what it gives by itself.
  ///
  /// https://developers.binance.com/docs/fiat/rest-api/Get-Fiat-Deposit-Withdraw-History
  static func fiat(_ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.numbered, most: 500, sureWindow: 30 * Paging.day),
      calls: { ask in
        var parameters: Parameters = [
          "transactionType": .string(direction == .deposit ? "0" : "1")
        ]
        parameters = parameters.adding(ask.range("beginTime", "endTime", "rows", most: 500))
        if ask.page > 0 { parameters["page"] = .number(ask.page + 1) }
        return [sapi("GET", "fiat/orders", parameters.adding(ask.extra), uid: 45_000)]
      },
      rows: Pick.listIfAny("data"),
      row: { row, ask throws(VenueFault) in try fiatTransfer(row, ask, direction) })
  }

  private static let fiatStatuses: [String: Transfer.Status] = [
    "Processing": .pending, "Failed": .failed, "Successful": .ok, "Finished": .ok,
    "Refunding": .pending, "Refunded": .canceled, "Refund Failed": .failed,
    "Order Partial credit Stopped": .pending, "Expired": .failed,
  ]

  /// The amount is what was credited or paid out; the fee is beside it.
  private static func fiatTransfer(
    _ row: Node, _ ask: Ask, _ direction: Transfer.Direction
  ) throws(VenueFault) -> Transfer? {
    let asset = try row.text("fiatCurrency")
    if let wanted = ask.asset, wanted != asset { return nil }
    let fee = try row.optionalDecimal("totalFee")
    return Transfer(
      id: try row.text("orderNo"), time: try row.optionalTime(.milliseconds, "createTime"),
      direction: direction, asset: asset, amount: try row.decimal("amount"),
      fee: fee.map { VenueAmount(asset, $0) }, network: try row.optionalText("method"),
      status: try row.word("status", fiatStatuses))
  }

  // MARK: - Positions

  static func positions(_ surface: String, _ part: AccountPart) -> Feed<OpenPosition> {
    Feed(
      part: part, market: .swap, evidence: part == .swap ? .recorded : .documented,
      calls: { ask in
        [
          Call(
            surface, "GET", "positionRisk", ask.extra, cost: [part == .swap ? "FAPI" : "DAPI": 5])
        ]
      },
      rows: Pick.list(), row: BinanceLike.position(part))
  }
}
