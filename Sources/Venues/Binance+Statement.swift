import Amounts
import Encodings
import Ledger
import VenueKit

// What changes a balance at Binance beside trades and transfers.

extension Binance {
  static let statement: [Feed<StatementRow>] = [
    income("fapiPrivate", .swap), income("dapiPrivate", .inverse), dividends, dust, conversions,
    rewards("simple-earn/flexible/history/rewardsRecord", "rewards", type: "ALL"),
    rewards("simple-earn/locked/history/rewardsRecord", "amount", type: nil), interest,
    loans("BORROW"), loans("REPAY"),
  ]

  // https://developers.binance.com/docs/derivatives/usds-margined-futures/account/rest-api/Get-Income-History
  private static func income(_ surface: String, _ part: AccountPart) -> Feed<StatementRow> {
    Feed(
      part: part,
      paging: Paging(.forward, most: 1_000, lookBack: 90 * Paging.day),
      calls: { ask in
        [
          Call(
            surface, "GET", "income", spot.parameters(ask, [:], most: 1_000),
            cost: [part == .swap ? "FAPI" : "DAPI": part == .swap ? 30 : 20])
        ]
      },
      rows: Pick.list(), row: BinanceLike.income(part))
  }

  // https://developers.binance.com/docs/wallet/asset/assets-divided-record
  private static let dividends = Feed<StatementRow>(
    part: .spot, paging: Paging(.forward, most: 500, window: 180 * Paging.day),
    calls: { ask in
      let parameters = spot.parameters(ask, ["asset": .text(ask.asset)], most: 500)
      return [sapi("GET", "asset/assetDividend", parameters, ip: 10)]
    },
    rows: Pick.list("rows"),
    row: { row, _ throws(VenueFault) in
      let word = try row.optionalText("enInfo")
      return StatementRow(
        id: try row.text("id"), time: try row.optionalTime(.milliseconds, "divTime"),
        asset: try row.text("asset"), amount: try row.decimal("amount"),
        kind: word.map(dividendKind), type: word, reference: try row.optionalText("tranId"),
        isToldElsewhere: word.map(isEarned) ?? false)
    })

  /// Whether a distribution is one of the rewards of Simple Earn, which have a list of their own.
  ///
  /// The staking products of before are told here alone.
  private static func isEarned(_ word: String) -> Bool {
    let lower = word.lowercased()
    return !lower.contains("staking")
      && ["simple earn", "flexible", "locked"].contains { lower.contains($0) }
  }

  private static func dividendKind(_ word: String) -> EntryKind {
    let lower = word.lowercased()
    if lower.contains("staking") { return .staking }
    if lower.contains("airdrop") || lower.contains("launchpool") || lower.contains("distribution") {
      return .airdrop
    }
    if lower.contains("savings") || lower.contains("interest") || lower.contains("earn") {
      return .interest
    }
    if lower.contains("rebate") || lower.contains("commission") { return .feeRebate }
    return .income
  }

  // MARK: - Conversions

  // https://developers.binance.com/docs/wallet/asset/dust-log
  private static let dust = Feed<StatementRow>(
    part: .spot, paging: Paging(.single, most: 100, lookBack: 90 * Paging.day),
    calls: { ask in
      [sapi("GET", "asset/dribblet", ask.range("startTime", "endTime", nil).adding(ask.extra))]
    },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for batch in try answer.body["userAssetDribblets"].elements() {
        for part in try batch["userAssetDribbletDetails"].elements() {
          rows += [BinanceLike.leg(part, "from"), BinanceLike.leg(part, "to")]
        }
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      let isFrom = try row.text("leg") == "from"
      let target = try row.optionalText("targetAsset") ?? "BNB"
      let charge = try row.optionalDecimal("serviceChargeAmount")
      let amount = try row.decimal(isFrom ? "amount" : "transferedAmount")
      let transaction = try row.text("transId")
      let asset = isFrom ? try row.text("fromAsset") : target
      return StatementRow(
        id: "\(transaction)/\(try row.text("fromAsset"))/\(isFrom ? "from" : "to")",
        time: try row.optionalTime(.milliseconds, "operateTime"), asset: asset,
        amount: isFrom ? try row.minus(amount) : amount, kind: .trade, type: "dust",
        reference: "\(transaction)/\(try row.text("fromAsset"))",
        fee: isFrom ? nil : charge.map { VenueAmount(target, $0) })
    })

  // https://developers.binance.com/docs/convert/trade/Get-Convert-Trade-History
  private static let conversions = Feed<StatementRow>(
    part: .spot, paging: Paging(.forward, most: 1_000, window: 30 * Paging.day),
    calls: { ask in
      // Both ends are required.
      let to = ask.to ?? ask.now
      let from = ask.from ?? to.advanced(bySeconds: -Int64(30 * Paging.day))
      let parameters: Parameters = [
        "startTime": .text(from, .milliseconds), "endTime": .text(to, .milliseconds),
        "limit": .number(ask.limit.map { min($0, 1_000) }),
      ]
      return [sapi("GET", "convert/tradeFlow", parameters.adding(ask.extra), uid: 3_000)]
    },
    rows: { answer throws(VenueFault) in
      var rows: [Node] = []
      for row in try answer.body["list"].optionalElements() {
        rows += [BinanceLike.leg(row, "from"), BinanceLike.leg(row, "to")]
      }
      return rows
    },
    row: { row, _ throws(VenueFault) in
      guard try row.optionalText("orderStatus") == "SUCCESS" else { return nil }
      let leg = try row.text("leg")
      let amount = try row.decimal("\(leg)Amount")
      let order = try row.text("orderId")
      return StatementRow(
        id: "\(order)/\(leg)", time: try row.optionalTime(.milliseconds, "createTime"),
        asset: try row.text("\(leg)Asset"), amount: leg == "from" ? try row.minus(amount) : amount,
        kind: .trade, type: "convert", reference: order)
    })

  // MARK: - Earn and margin

  // https://developers.binance.com/docs/simple_earn/flexible-locked/history/Get-Flexible-Rewards-History :
  // three months at most, the shortest three of which have 89 days.
  private static func rewards(
    _ path: String, _ amount: String, type: String?
  ) -> Feed<StatementRow> {
    Feed(
      part: .earn, paging: Paging(.numbered, most: 100, window: 89 * Paging.day),
      calls: { ask in
        let parameters: Parameters = [
          "type": .text(type), "asset": .text(ask.asset), "current": .number(ask.page + 1),
          "size": .number(min(ask.limit ?? 100, 100)),
        ]
        let range = ask.range("startTime", "endTime", nil)
        return [sapi("GET", path, parameters.adding(range).adding(ask.extra), ip: 150)]
      },
      rows: Pick.listIfAny("rows"),
      // Its project or position is that of all rewards for it: no reference of one payment.
      row: { row, _ throws(VenueFault) in
        StatementRow(
          id: nil, time: try row.optionalTime(.milliseconds, "time"), asset: try row.text("asset"),
          amount: try row.decimal(amount), kind: .interest, type: try row.optionalText("type"),
          part: .earn)
      })
  }

  // https://developers.binance.com/docs/margin_trading/borrow-and-repay/Get-Interest-History
  private static let interest = Feed<StatementRow>(
    part: .margin, paging: Paging(.numbered, most: 100, window: 30 * Paging.day),
    calls: { ask in
      let range = ask.range("startTime", "endTime", nil)
      let parameters: Parameters = [
        "asset": .text(ask.asset), "current": .number(ask.page + 1),
        "size": .number(min(ask.limit ?? 100, 100)),
      ]
      return [sapi("GET", "margin/interestHistory", parameters.adding(range).adding(ask.extra))]
    },
    rows: Pick.listIfAny("rows"),
    row: { row, _ throws(VenueFault) in
      let isIsolated = try row.optionalText("isolatedSymbol") != nil
      return StatementRow(
        id: try row.optionalText("txId"),
        time: try row.optionalTime(.milliseconds, "interestAccuredTime"),
        asset: try row.text("asset"), amount: try row.minus(row.decimal("interest")),
        kind: .marginFee, type: try row.optionalText("type"),
        part: isIsolated ? .isolatedMargin : .margin)
    })

  // https://developers.binance.com/docs/margin_trading/borrow-and-repay/Query-Borrow-Repay
  private static func loans(_ type: String) -> Feed<StatementRow> {
    let isLoan = type == "BORROW"
    return Feed(
      part: .margin, paging: Paging(.numbered, most: 100, window: 30 * Paging.day),
      calls: { ask in
        let range = ask.range("startTime", "endTime", nil)
        let parameters: Parameters = [
          "type": .string(type), "asset": .text(ask.asset), "current": .number(ask.page + 1),
          "size": .number(min(ask.limit ?? 100, 100)),
        ]
        return [
          sapi("GET", "margin/borrow-repay", parameters.adding(range).adding(ask.extra), ip: 10)
        ]
      },
      rows: Pick.listIfAny("rows"),
      row: { row, _ throws(VenueFault) in
        guard try row.optionalText("status") == "CONFIRMED" else { return nil }
        let amount = try row.decimal("principal")
        let isIsolated = try row.optionalText("isolatedSymbol") != nil
        return StatementRow(
          id: try row.optionalText("txId"), time: try row.optionalTime(.milliseconds, "timestamp"),
          asset: try row.text("asset"), amount: isLoan ? amount : try row.minus(amount),
          kind: isLoan ? .loan : .loanRepayment, type: type,
          part: isIsolated ? .isolatedMargin : .margin)
      })
  }
}
