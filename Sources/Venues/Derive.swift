import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Derive, formerly Lyra: perpetuals, options and spot, read by the key of a wallet.
  public static let derive = Venue(
    id: "derive", name: "Derive", documents: ["https://docs.derive.xyz/reference"],
    surfaces: [
      Surface("public", Derive.host, "/v3/public/", Derive.open),
      Surface("private", Derive.host, "/v3/private/", Derive.recipe),
      Surface("wallet", Derive.host, "/v3/private/", Derive.ofWallet),
    ],
    credentials: [
      CredentialField("walletAddress", "Address of the Derive wallet", isSecret: false),
      CredentialField("privateKey", "Private key of the owner or of a session key"),
      .account("subaccount", "Number of the sub-account, the first if empty", isOptional: true),
    ],
    limits: Derive.limits, faults: Derive.faults, feeds: Derive.feeds,
    unseen: [
      "orders placed here", "sub-accounts other than the first",
      "settled profit of perpetuals, which the venue books with each funding",
      "interest on borrowed coins",
    ])
}

private enum Derive {
  static let host = "https://api.derive.xyz"

  static let open = Recipe([.on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody])])

  // https://docs.derive.xyz/reference/authentication: the time in milliseconds, signed as a text
  static let recipe = Recipe([
    .on(["GET"], [.query(.strict)]), .notOn(["GET"], [.jsonBody]),
    .ifField(
      "deriveWalletAddress", [.header("X-DeriveWallet", .field("deriveWalletAddress"))],
      else: [.header("X-DeriveWallet", .field("walletAddress"))]),
    .header("X-DeriveTimestamp", .time(.milliseconds)),
    .header("X-DeriveSignature", .made(signature)),
  ])

  /// The same for the routes that take the wallet's address.
  static let ofWallet = Recipe(
    [
      .ifField(
        "deriveWalletAddress", [.add("wallet", .field("deriveWalletAddress"))],
        else: [.add("wallet", .field("walletAddress"))])
    ] + recipe.steps)

  private static let signature: @Sendable (Draft) throws(VenueFault) -> [UInt8] = { draft in
    let secret = try draft.text(.field("privateKey"))
    let time = TimeForm.milliseconds.write(draft.moment.time)
    let tools = draft.tools
    let signed = try Draft.signed { () throws(SigningFault) in
      try EthereumSignature(personal: time, key: try EthereumSignature.key(secret), tools: tools)
    }
    let text = signed.text
    return Array((text.dropLast(2) + text.suffix(2).uppercased()).utf8)
  }

  // https://docs.derive.xyz/reference/rate-limits
  static let limits = Limits([
    LimitBucket("requests", capacity: 10, refill: .window(seconds: 1), scope: .address)
  ])

  // https://docs.derive.xyz/reference/error-codes
  static let faults = FaultTable(
    codes: [
      "-32000": .rate, "-32100": .rate, "-32603": .retryable, "-32602": .definitive,
      "9000": .unknownOutcome, "9001": .unknownOutcome, "10001": .retryable, "11000": .funds,
      "11006": .orderNotFound, "11007": .rate, "11022": .definitive, "14000": .auth,
      "14001": .auth, "14008": .auth, "14009": .auth, "14013": .auth, "14014": .auth,
      "14015": .clock, "14020": .auth, "14021": .auth, "14024": .auth, "14029": .auth,
    ],
    find: { body, _ in
      let error = body["error"]
      guard !error.isNothing else { return nil }
      let code = ((try? error.optionalText("code")) ?? nil) ?? ""
      return (code, ((try? error.optionalText("message", "data")) ?? nil) ?? "")
    })

  private static func call(_ path: String, _ parameters: Parameters = [:]) -> Call {
    Call("private", "POST", path, parameters)
  }

  /// The number of the sub-account as the venue takes it.
  private static func account(_ ask: Ask) throws(VenueFault) -> JSON {
    .number(try ask.account("subaccount"))
  }

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .swap, evidence: .recorded,
        calls: { _ in [Call("wallet", "POST", "get_all_portfolios")] },
        rows: Pick.inner("collaterals", of: "result"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("asset_name", "currency"), total: try row.decimal("amount"),
            part: .swap)
        })
    ]
    feeds.fills = [fills]
    feeds.deposits = [transfers("get_deposit_history", .deposit)]
    feeds.withdrawals = [transfers("get_withdrawal_history", .withdrawal)]
    feeds.statement = [funding]
    feeds.positions = [positions]
    feeds.markets = [markets("perp", .swap), markets("erc20", .spot), markets("option", .option)]
    feeds.assets = [
      Feed(
        calls: { _ in [Call("public", "GET", "get_all_currencies")] }, rows: Pick.list("result"),
        row: { row, _ throws(VenueFault) in ListedAsset(id: try row.text("currency")) })
    ]
    feeds.tickers = [ticker]
    feeds.candles = [candles]
    feeds.trades = [trades]
    feeds.openOrders = [orders("get_open_orders", paging: .single)]
    feeds.closedOrders = [orders("get_order_history", paging: Paging(.numbered, most: 1_000))]
    feeds.clock = Feed(
      calls: { _ in [Call("public", "POST", "get_time")] }, rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "result") })
    feeds.accounts = Feed(
      evidence: .documented,
      calls: { _ in [Call("wallet", "POST", "get_subaccounts")] },
      rows: Pick.list("result", "subaccount_ids"),
      row: { row, _ throws(VenueFault) in
        VenueAccount(name: "subaccount", id: try row.text())
      })
    return feeds
  }()

  // MARK: - The account

  private static func page(_ ask: Ask) -> Parameters {
    [
      "page": ask.page > 0 ? .number(ask.page + 1) : nil,
      "page_size": .number(ask.limit.map { min($0, 1_000) }),
    ]
  }

  // https://docs.derive.xyz/reference/private-get_trade_history; fees are in USDC
  private static let fills = Feed<Fill>(
    part: .swap, paging: Paging(.numbered, most: 1_000), evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "subaccount_id": try account(ask), "instrument_name": .text(ask.market?.id),
        "from_timestamp": .number(ask.from, .milliseconds),
        "to_timestamp": .number(ask.to, .milliseconds),
      ]
      return [call("get_trade_history", parameters.adding(page(ask)))]
    },
    rows: Pick.list("result", "trades"),
    row: { row, _ throws(VenueFault) in
      let profit = try row.roundedDecimal("realized_pnl_excl_fees")
      return Fill(
        id: try row.text("trade_id"), order: try row.text("order_id"),
        time: try row.time(.milliseconds, "timestamp"), market: try row.text("instrument_name"),
        side: try row.side("direction"), price: try row.decimal("trade_price"),
        amount: try row.decimal("trade_amount"),
        fees: try row.optionalDecimal("trade_fee").map { [VenueAmount("USDC", $0)] } ?? [],
        isMaker: try row.word("liquidity_role", ["maker": true, "taker": false]), part: .swap,
        realised: profit.map { VenueAmount("USDC", $0) })
    })

  private static func transfers(
    _ path: String, _ direction: Transfer.Direction
  ) -> Feed<Transfer> {
    Feed(
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = [
          "subaccount_id": try account(ask),
          "start_timestamp": .number(ask.from, .milliseconds),
          "end_timestamp": .number(ask.to, .milliseconds),
        ]
        return [call(path, parameters)]
      },
      rows: Pick.listIfAny("result", "events"),
      row: { row, _ throws(VenueFault) in
        let words: [String: Transfer.Status] = [
          "requested": .pending, "pending": .pending, "settled": .ok, "reverted": .failed,
          "ignored": .failed,
        ]
        return Transfer(
          id: try row.optionalText("transaction_id"),
          transactionHash: try row.optionalText("tx_hash"),
          time: try row.optionalTime(.milliseconds, "timestamp"), direction: direction,
          asset: try row.text("asset"), amount: try row.decimal("amount").sizeOnly(),
          status: try row.word("tx_status", words))
      })
  }

  // https://docs.derive.xyz/reference/private-get_funding_history
  private static let funding = Feed<StatementRow>(
    part: .swap, paging: Paging(.numbered, most: 1_000),
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "subaccount_id": try account(ask), "instrument_name": .text(ask.market?.id),
        "start_timestamp": .number(ask.from, .milliseconds),
        "end_timestamp": .number(ask.to, .milliseconds),
      ]
      return [call("get_funding_history", parameters.adding(page(ask)))]
    },
    rows: Pick.listIfAny("result", "events"),
    row: { row, _ throws(VenueFault) in
      guard let amount = try row.roundedDecimal("funding"), !amount.isZero else { return nil }
      return StatementRow(
        id: nil, time: try row.time(.milliseconds, "timestamp"), asset: "USDC", amount: amount,
        kind: .marginFee, type: "funding", reference: try row.text("instrument_name"),
        part: .swap)
    })

  private static let positions = Feed<OpenPosition>(
    part: .swap,
    calls: { ask throws(VenueFault) in
      [call("get_positions", ["subaccount_id": try account(ask)])]
    },
    rows: Pick.listIfAny("result", "positions"),
    row: { row, _ throws(VenueFault) in
      let amount = try row.decimal("amount")
      guard !amount.isZero else { return nil }
      return OpenPosition(
        market: try row.text("instrument_name"), isLong: !amount.isNegative,
        contracts: try amount.sizeOnly(), contractSize: .one,
        entryPrice: try row.roundedDecimal("average_price"),
        markPrice: try row.roundedDecimal("mark_price"),
        liquidationPrice: try row.roundedDecimal("liquidation_price"),
        unrealised: try row.roundedDecimal("unrealized_pnl"),
        leverage: try row.roundedDecimal("leverage"),
        time: try row.optionalTime(.milliseconds, "creation_timestamp"), part: .swap)
    })

  private static let states: [String: Order.Status] = [
    "open": .open, "untriggered": .open, "filled": .closed, "rejected": .rejected,
    "cancelled": .canceled, "expired": .expired,
  ]

  private static func orders(_ path: String, paging: Paging) -> Feed<Order> {
    Feed(
      part: .swap, paging: paging,
      calls: { ask throws(VenueFault) in
        let parameters: Parameters = ["subaccount_id": try account(ask)]
        return [call(path, paging.kind == .single ? parameters : parameters.adding(page(ask)))]
      },
      rows: Pick.listIfAny("result", "orders"),
      row: { row, _ throws(VenueFault) in
        Order(
          id: try row.text("order_id"), clientID: try row.optionalText("label"),
          time: try row.optionalTime(.milliseconds, "creation_timestamp"),
          market: try row.optionalText("instrument_name"),
          type: try row.optionalText("order_type")?.lowercased(), side: try row.side("direction"),
          price: try row.optionalDecimal("limit_price"),
          amount: try row.optionalDecimal("amount"),
          filled: try row.optionalDecimal("filled_amount"),
          average: try row.decimalUnlessZero("average_price"),
          status: try row.word("order_status", states),
          fees: try row.optionalDecimal("order_fee").map { [VenueAmount("USDC", $0)] } ?? [])
      })
  }

  // MARK: - Markets

  // https://docs.derive.xyz/reference/public-get_all_instruments
  private static func markets(_ word: String, _ kind: MarketKind) -> Feed<Market> {
    Feed(
      market: kind, paging: Paging(.numbered, most: 1_000),
      calls: { ask in
        let parameters: Parameters = [
          "expired": false, "instrument_type": .string(word), "page": .number(ask.page + 1),
          "page_size": .number(1_000),
        ]
        return [Call("public", "POST", "get_all_instruments", parameters)]
      },
      rows: Pick.list("result", "instruments"),
      row: { row, _ throws(VenueFault) in
        let kinds: [String: MarketKind] = ["perp": .swap, "erc20": .spot, "option": .option]
        guard let kind = try row.word("instrument_type", kinds) else { return nil }
        let option = row["option_details"]
        let quote = try row.text("quote_currency")
        return Market(
          id: try row.text("instrument_name"), base: try row.text("base_currency"), quote: quote,
          settle: kind == .spot ? nil : "USDC", kind: kind,
          isActive: try row.optionalFlag("is_active"), contractSize: kind == .spot ? nil : .one,
          amountStep: try row.optionalDecimal("amount_step"),
          priceStep: try row.optionalDecimal("tick_size"),
          amountMin: row.shownDecimal("minimum_amount"),
          amountMax: row.shownDecimal("maximum_amount"),
          expiry: try option.optionalTime(.seconds, "expiry"),
          strike: try option.optionalDecimal("strike"))
      })
  }

  private static let ticker = Feed<Ticker>(
    scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      [Call("public", "POST", "get_ticker", ["instrument_name": .string(try ask.needed().id)])]
    },
    rows: Pick.one("result"),
    row: { row, ask throws(VenueFault) in
      let stats = row["stats"]
      return Ticker(
        market: try row.optionalText("instrument_name") ?? ask.market?.id ?? "",
        time: try row.optionalTime(.milliseconds, "timestamp"),
        bid: row.shownDecimal("best_bid_price"), ask: row.shownDecimal("best_ask_price"),
        high: stats.shownDecimal("high"), low: stats.shownDecimal("low"),
        baseVolume: stats.shownDecimal("contract_volume"))
    })

  /// Both sides of a trade are told: the taker's is read, and twice as many are asked for.
  private static let trades = Feed<PublicTrade>(
    paging: Paging(.numbered, most: 1_000), scope: .eachMarket, evidence: .recorded,
    calls: { ask throws(VenueFault) in
      let parameters: Parameters = [
        "instrument_name": .string(try ask.needed().id),
        "page_size": .number(ask.limit.map { min($0, 500) * 2 }),
        "from_timestamp": .number(ask.from, .milliseconds),
        "to_timestamp": .number(ask.to, .milliseconds),
      ]
      return [Call("public", "POST", "get_trade_history", parameters)]
    },
    rows: Pick.list("result", "trades"),
    row: { row, _ throws(VenueFault) in
      guard try row.optionalText("liquidity_role") != "maker" else { return nil }
      return PublicTrade(
        id: try row.text("trade_id"), time: try row.time(.milliseconds, "timestamp"),
        market: try row.text("instrument_name"), side: try row.side("direction"),
        price: try row.decimal("trade_price"), amount: try row.decimal("trade_amount"))
    })

  // https://docs.derive.xyz/reference/public-get_tradingview_chart_data
  private static let candles = Feed<Candle>(
    paging: Paging(.forward, most: 1_000), scope: .eachMarket,
    calls: { ask throws(VenueFault) in
      let reach = Int64(min(ask.limit ?? 1_000, 1_000)) * Int64(ask.interval)
      let end = ask.from.map { ask.to ?? $0.advanced(bySeconds: reach) } ?? ask.to ?? ask.now
      let start = ask.from ?? end.advanced(bySeconds: -reach)
      let parameters: Parameters = [
        "instrument_name": .string(try ask.needed().id),
        "period": .string(String(ask.interval)), "start_timestamp": .number(start, .seconds),
        "end_timestamp": .number(end, .seconds),
      ]
      return [Call("public", "POST", "get_tradingview_chart_data", parameters)]
    },
    rows: Pick.list("result"),
    row: { row, _ throws(VenueFault) in
      Candle(
        time: try row.time(.seconds, "timestamp_bucket", "timestamp"),
        open: try row.decimal("open_price"), high: try row.decimal("high_price"),
        low: try row.decimal("low_price"), close: try row.decimal("close_price", "price"),
        volume: row.shownDecimal("volume_contracts"))
    })
}
