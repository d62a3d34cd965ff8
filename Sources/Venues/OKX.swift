import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// OKX: one trading account for spot, margin and derivatives, and a funding account.
  public static let okx = Venue(
    id: "okx", name: "OKX",
    documents: ["https://www.okx.com/docs-v5/en/"],
    surfaces: [
      Surface("public", OKX.host, OKX.prefix),
      Surface("private", OKX.host, OKX.prefix, OKX.recipe),
    ],
    credentials: CredentialField.withPassphrase, limits: OKX.limits, faults: OKX.faults,
    feeds: OKX.feeds, desk: OKX.desk, streams: OKX.streams,
    unseen: [
      "the statement of the trading account before the last three months",
      "copy trading and grid bots' sub-accounts", "dual investment and structured products",
    ])
}

enum OKX {
  static let host = "https://www.okx.com"
  static let prefix = "/api/v5/"

  // https://www.okx.com/docs-v5/en/#overview-rest-authentication
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .header("OK-ACCESS-KEY", .key), .header("OK-ACCESS-PASSPHRASE", .passphrase),
    .header("OK-ACCESS-TIMESTAMP", .time(.iso)),
    .header(
      "OK-ACCESS-SIGN",
      .base64(
        .hmac(
          .sha256, key: .secret,
          .join([.time(.iso), .method, .pathAndQuery, .body])))),
  ])

  // Limits stand by each route: https://www.okx.com/docs-v5/en/#overview-general-info
  static let limits = Limits([
    LimitBucket("read", capacity: 10, refill: .window(seconds: 2), scope: .key),
    LimitBucket("public", capacity: 20, refill: .window(seconds: 2), scope: .address),
    LimitBucket("slow", capacity: 5, refill: .window(seconds: 1), scope: .key),
    LimitBucket("orders", capacity: 60, refill: .window(seconds: 2), scope: .key),
  ])
  static let open = ["public": 1]

  // https://www.okx.com/docs-v5/en/#error-code
  static let faults = FaultTable(
    codes: [
      "50001": .retryable, "50004": .unknownOutcome, "50005": .retryable, "50013": .retryable,
      "50026": .retryable, "51054": .unknownOutcome, "58002": .retryable, "58203": .definitive,
      "50011": .rate, "50040": .rate, "50061": .rate, "50100": .auth, "50101": .auth,
      "50103": .auth, "50104": .auth, "50105": .auth, "50106": .auth, "50107": .auth,
      "50110": .auth, "50111": .auth, "50113": .auth, "50114": .auth, "50119": .auth,
      "50120": .auth, "60005": .auth, "60007": .auth, "60009": .auth, "60011": .auth,
      "60024": .auth, "60032": .auth, "60004": .clock, "60006": .clock, "60014": .rate,
      "50102": .clock, "50112": .clock, "51008": .funds, "51119": .funds,
      "51127": .funds, "51131": .funds, "51502": .funds, "58350": .funds, "59200": .funds,
      "51400": .orderNotFound, "51401": .orderNotFound, "51402": .orderNotFound,
      "51503": .orderNotFound, "51603": .orderNotFound,
    ],
    find: { body, _ in
      guard let code = (try? body["code"].optionalText()) ?? nil else { return nil }
      let first = body["data"][0]
      if let inner = (try? first["sCode"].optionalText()) ?? nil, inner != "0" {
        return (inner, (try? first["sMsg"].optionalText()) ?? "")
      }
      return code == "0" ? nil : (code, (try? body["msg"].optionalText()) ?? "")
    })

  /// The kinds of instruments by the venue's words.
  enum Family: String, CaseIterable {
    case spot = "SPOT"
    case margin = "MARGIN"
    case swap = "SWAP"
    case future = "FUTURES"
    case option = "OPTION"

    var kind: MarketKind {
      switch self {
      case .spot, .margin: .spot
      case .swap: .swap
      case .future: .future
      case .option: .option
      }
    }
    var part: AccountPart {
      switch self {
      case .spot: .spot
      case .margin: .margin
      case .swap: .swap
      case .future: .future
      case .option: .option
      }
    }

    /// The market asked for, where it is of this kind, and the family's word.
    func named(_ ask: Ask) throws(VenueFault) -> Parameters {
      ["instId": .text(try ask.optional([kind])?.id), "instType": .string(rawValue)]
    }

    static func of(_ word: String?) -> AccountPart {
      word.flatMap(Family.init(rawValue:))?.part ?? .spot
    }
  }

  static func get(_ path: String, _ parameters: Parameters = [:], _ bucket: String = "read") -> Call
  {
    Call("private", "GET", path, parameters, cost: [bucket: 1])
  }

  static func look(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("public", "GET", path, parameters, cost: open)
  }

  /// Gives the id of the last row where the page is full.
  static func older(
    _ name: String, _ most: Int = 100
  ) -> @Sendable (Answer) throws(VenueFault) -> String? {
    { answer throws(VenueFault) in
      let rows = try answer.body["data"].optionalElements()
      let asked = answer.call.parameters["limit"].flatMap { Int($0.plainText) } ?? most
      return rows.count >= asked ? try rows.last?.optionalText(name) : nil
    }
  }

  static let data = Pick.listIfAny("data")

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = Family.allCases.map(fills)
    feeds.deposits = [transfers("asset/deposit-history", .deposit)]
    feeds.withdrawals = [transfers("asset/withdrawal-history", .withdrawal)]
    feeds.statement = [tradingBills, fundingBills]
    feeds.positions = [positions]
    feeds.markets = markets
    feeds.assets = [assets]
    feeds.tickers = [Family.spot, .swap, .future, .option].map(tickers)
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.books = [books]
    feeds.openOrders = [openOrders]
    feeds.closedOrders = Family.allCases.flatMap { [recentOrders($0), pastOrders($0)] }
    feeds.clock = Feed(
      evidence: .recorded, calls: { _ in [look("public/time")] }, rows: data,
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "ts") })
    feeds.rights = Feed(
      calls: { _ in [get("account/config", [:], "slow")] }, rows: data, row: rights)
    return feeds
  }()

  private static func rights(_ row: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    let words = try row.optionalText("perm")?.split(separator: ",").map(String.init)
    let addresses = try row.optionalText("ip") ?? ""
    return KeyRights(
      canRead: words.map { !$0.isEmpty }, canTrade: words?.contains("trade"),
      canWithdraw: words?.contains("withdraw"),
      addresses: addresses.split(separator: ",").map(String.init))
  }

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      Feed(
        part: .spot, evidence: .recorded, calls: { _ in [get("account/balance")] },
        rows: Pick.inner("details", of: "data"),
        // Equity has the profit of open positions, the cash balance has not:
        // https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-balance
        row: { row, _ throws(VenueFault) in
          let equity = try row.decimal("eq")
          return Balance(
            asset: try row.text("ccy"), free: try row.optionalDecimal("availEq", "availBal"),
            total: equity, openProfit: try row.openProfit(of: equity, beyond: "cashBal"))
        }),
      Feed(
        part: .funding, calls: { _ in [get("asset/balances")] }, rows: data,
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("ccy"), free: try row.optionalDecimal("availBal"),
            used: try row.optionalDecimal("frozenBal"), total: try row.optionalDecimal("bal"),
            part: .funding)
        }),
      // https://www.okx.com/docs-v5/en/#financial-product-simple-earn-flexible-get-saving-balance
      Feed(
        part: .earn, calls: { _ in [get("finance/savings/balance")] }, rows: data,
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("ccy"), free: .zero, total: try row.decimal("amt"), part: .earn)
        }),
      // https://www.okx.com/docs-v5/en/#financial-product-on-chain-earn-get-active-orders
      Feed(
        part: .staking, calls: { _ in [get("finance/staking-defi/orders-active")] },
        rows: Pick.inner("investData", of: "data"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("ccy"), free: .zero, total: try row.decimal("amt"),
            part: .staking)
        }),
    ]
  }

  // MARK: - Fills

  // https://www.okx.com/docs-v5/en/#order-book-trading-trade-get-transaction-details-last-3-months
  private static func fills(_ family: Family) -> Feed<Fill> {
    Feed(
      part: family.part, market: family.kind,
      paging: Paging(.cursor, most: 100, lookBack: 90 * Paging.day), evidence: .recorded,
      calls: { ask throws(VenueFault) in
        var parameters = try family.named(ask).adding(
          ask.range("begin", "end", "limit", most: 100))
        parameters["after"] = .text(ask.cursor)
        return [get("trade/fills-history", parameters)]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let asset = try row.optionalText("feeCcy")
        let profit = try row.decimalUnlessZero("fillPnl")
        return Fill(
          id: try row.text("tradeId"), order: try row.optionalText("ordId"),
          time: try row.time(.milliseconds, "ts", "fillTime"), market: try row.text("instId"),
          side: try row.side("side"), price: try row.decimal("fillPx"),
          amount: try row.decimal("fillSz"), fees: try row.feesTaken("fee", "feeCcy"),
          isMaker: try row.word("execType", ["M": true, "T": false]),
          part: Family.of(try row.optionalText("instType")),
          realised: asset.flatMap { asset in profit.map { VenueAmount(asset, $0) } })
      },
      next: older("billId"))
  }

  // MARK: - Deposits and withdrawals

  // https://www.okx.com/docs-v5/en/#funding-account-rest-api-get-deposit-history
  // https://www.okx.com/docs-v5/en/#funding-account-rest-api-get-withdrawal-history
  private static func transfers(
    _ path: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      paging: Paging(.backward, most: 100),
      calls: { ask in
        // Both bounds are left out of what comes back.
        let after = ask.to.map { $0.moved(byMilliseconds: 1) }
        let before = ask.from.map { $0.moved(byMilliseconds: -1) }
        let parameters: Parameters = [
          "ccy": .text(ask.asset), "before": .text(before, .milliseconds),
          "after": .text(after, .milliseconds),
        ]
        return [get(path, parameters.adding(ask.range(nil, nil, "limit", most: 100)))]
      },
      rows: data,
      row: { row, _ throws(VenueFault) in
        let asset = try row.text("ccy")
        let isDeposit = direction == .deposit && row["wdId"].isNothing
        let fee = row.shownDecimal("fee")
        let feeAsset = try row.optionalText("feeCcy") ?? asset
        return Transfer(
          id: try row.optionalText("depId", "wdId"),
          transactionHash: try row.optionalText("txId"),
          time: try row.optionalTime(.milliseconds, "ts"),
          direction: isDeposit ? .deposit : .withdrawal, asset: asset,
          amount: try row.decimal("amt"),
          fee: fee.map { VenueAmount(feeAsset, $0) }, network: try row.optionalText("chain"),
          address: try row.optionalText("to"), tag: try row.optionalText("tag", "memo", "pmtId"),
          status: try row.word("state", words))
      })
  }

  private static let words: [String: Transfer.Status] = [
    "-3": .pending, "-2": .canceled, "-1": .failed, "0": .pending, "1": .pending, "2": .ok,
    "4": .pending, "5": .pending, "6": .pending, "7": .pending, "8": .pending, "9": .pending,
    "10": .pending, "11": .pending, "12": .pending, "13": .pending, "14": .pending,
    "15": .pending, "16": .pending, "17": .pending,
  ]

  // MARK: - Statements

  // https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-3-months
  private static let tradingBills = Feed<StatementRow>(
    part: .spot, paging: Paging(.cursor, most: 100, lookBack: 90 * Paging.day),
    evidence: .recorded,
    calls: { ask in
      var parameters: Parameters = ["ccy": .text(ask.asset)]
      parameters = parameters.adding(ask.range("begin", "end", "limit", most: 100))
      parameters["after"] = .text(ask.cursor)
      return [get("account/bills-archive", parameters, "slow")]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      let word = try row.text("type")
      let known = tradingKinds[word]
      return StatementRow(
        id: try row.text("billId"), time: try row.optionalTime(.milliseconds, "ts"),
        asset: try row.text("ccy"), amount: try row.decimal("balChg"), kind: known?.kind,
        type: "\(word)/\(try row.optionalText("subType") ?? "")",
        reference: try row.optionalText("ordId"), after: try row.optionalDecimal("bal"),
        part: Family.of(try row.optionalText("instType")),
        isToldElsewhere: known?.isTold ?? false)
    },
    next: older("billId"))

  private static let tradingKinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "1": (.internalTransfer, false), "2": (.trade, true), "3": (.marginGain, false),
    "4": (.loanRepayment, false), "5": (.liquidation, true), "6": (.internalTransfer, false),
    "7": (.marginFee, false), "8": (.marginFee, false), "9": (.marginLoss, true),
    "10": (.marginLoss, false), "11": (.trade, false), "12": (.internalTransfer, false),
    "14": (.trade, true), "16": (.loan, false), "18": (.fee, false),
    "22": (.loanRepayment, false), "27": (.trade, false), "28": (.trade, false),
    "30": (.trade, false), "250": (.fee, false), "251": (.feeRebate, false),
  ]

  // https://www.okx.com/docs-v5/en/#funding-account-rest-api-asset-bills-details
  private static let fundingBills = Feed<StatementRow>(
    part: .funding, paging: Paging(.backward, most: 100, lookBack: 30 * Paging.day),
    calls: { ask in
      let after = ask.to.map { $0.moved(byMilliseconds: 1) }
      let before = ask.from.map { $0.moved(byMilliseconds: -1) }
      let parameters: Parameters = [
        "ccy": .text(ask.asset), "before": .text(before, .milliseconds),
        "after": .text(after, .milliseconds),
      ]
      return [get("asset/bills", parameters.adding(ask.range(nil, nil, "limit", most: 100)))]
    },
    rows: data,
    row: { row, _ throws(VenueFault) in
      let word = try row.text("type")
      let known = fundingKinds[word]
      return StatementRow(
        id: try row.text("billId"), time: try row.optionalTime(.milliseconds, "ts"),
        asset: try row.text("ccy"), amount: try row.decimal("balChg"), kind: known?.kind,
        type: word, reference: try row.optionalText("clientId"),
        after: try row.optionalDecimal("bal"), part: .funding,
        // The trading account's statement brings moves between the two.
        isToldElsewhere: known?.isTold ?? false)
    })

  private static let fundingKinds: [String: (kind: EntryKind, isTold: Bool)] = [
    "1": (.deposit, true), "2": (.withdrawal, true), "13": (.withdrawal, true),
    "20": (.transfer, false), "21": (.transfer, false), "22": (.transfer, false),
    "23": (.transfer, false), "28": (.airdrop, false), "48": (.reward, false),
    "49": (.reward, false), "52": (.giftSent, false), "53": (.giftReceived, false),
    "75": (.stake, false), "76": (.unstake, false), "77": (.airdrop, false),
    "80": (.stake, false), "82": (.unstake, false), "83": (.staking, false),
    "84": (.fee, false), "89": (.interest, false), "130": (.internalTransfer, true),
    "131": (.internalTransfer, true), "150": (.referral, false), "151": (.referral, false),
    "152": (.referral, false), "172": (.referral, false), "173": (.feeRebate, false),
  ]

  // MARK: - Positions

  private static let positions = Feed<OpenPosition>(
    part: .swap, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      var parameters = Parameters()
      if let market = ask.market {
        guard let family = Family.allCases.first(where: { $0 != .margin && $0.kind == market.kind })
        else { throw .unsupported("positions in \(market.id)") }
        parameters = try family.named(ask)
      } else if !ask.manyMarkets.isEmpty {
        parameters["instId"] = .string(ask.manyMarkets.map(\.id).joined(separator: ","))
      }
      return [get("account/positions", parameters)]
    },
    rows: data,
    row: { row, ask throws(VenueFault) in
      let id = try row.text("instId")
      let held = try row.optionalDecimal("pos")
      var isLong = try row.word(["posSide", "direction"], ["long": true, "short": false])
      if isLong == nil, let held, !held.isZero { isLong = !held.isNegative }
      return OpenPosition(
        market: id, isLong: isLong, contracts: row.size(held),
        contractSize: ask.markets.market(id)?.contractSize,
        entryPrice: try row.optionalDecimal("avgPx", "openAvgPx"),
        markPrice: row.shownDecimal("markPx"), liquidationPrice: row.shownDecimal("liqPx"),
        unrealised: try row.optionalDecimal("upl"), leverage: row.shownDecimal("lever"),
        margin: row.shownDecimal("margin", "imr"),
        isIsolated: try row.word("mgnMode", ["isolated": true, "cross": false]),
        time: try row.optionalTime(.milliseconds, "uTime"),
        part: Family.of(try row.optionalText("instType")))
    })
}
