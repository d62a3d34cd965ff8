import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// HTX: spot, margin, and derivatives settled in USDT or in coins.
  public static let htx = Venue(
    id: "htx", name: "HTX",
    documents: [
      "https://www.htx.com/en-us/opend/newApiPages/",
      "https://huobiapi.github.io/docs/spot/v1/en/",
      "https://huobiapi.github.io/docs/usdt_swap/v1/en/",
      "https://huobiapi.github.io/docs/coin_margined_swap/v1/en/",
      "https://huobiapi.github.io/docs/dm/v1/en/",
    ],
    surfaces: [
      Surface("spot.public", HTX.spot),
      Surface("contract.public", HTX.contract),
      Surface("spot.private", HTX.spot, "/", HTX.recipe),
      Surface("key", HTX.spot, "/v2/user/", HTX.keyRecipe),
      Surface("v2Private", HTX.spot, "/v2/", HTX.recipe),
      Surface("contract.private", HTX.contract, "/", HTX.recipe),
    ],
    limits: HTX.limits, faults: HTX.faults,
    feeds: HTX.feeds, desk: HTX.desk, streams: HTX.streams,
    unseen: [
      "savings and staking products but for the accounts that v1/account/accounts lists",
      "loans of margin accounts",
      "profit and fees of copy trading and of grid bots' own wallets",
    ])
}

enum HTX {
  static let spot = "https://api.huobi.pro"
  static let contract = "https://api.hbdm.vn"

  // https://huobiapi.github.io/docs/spot/v1/en/#authentication
  static let recipe = Recipe(
    [.notOn(["GET"], [.jsonBody])] + authentication + [
      .sort, .query(.strict),
      .bind(
        "text", .join([.method, "\n", .host, "\n", .path, "\n", .query])),
      .appendQuery("Signature", .base64(.hmac(.sha256, key: .secret, .value("text")))),
    ],
    adds: ["AccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp"])

  /// As the others, and the key itself as what is asked about.
  static let keyRecipe = Recipe(
    [.add("accessKey", .key)] + authentication + [
      .sort, .query(.strict),
      .bind(
        "text", .join([.method, "\n", .host, "\n", .path, "\n", .query])),
      .appendQuery("Signature", .base64(.hmac(.sha256, key: .secret, .value("text")))),
    ],
    adds: ["AccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp", "accessKey"])

  private static let authentication: [Step] = [
    .add("AccessKeyId", .key), .add("SignatureMethod", "HmacSHA256"),
    .add("SignatureVersion", "2"), .add("Timestamp", .time(.isoBare)),
  ]

  // https://huobiapi.github.io/docs/spot/v1/en/#rate-limiting-rule: 100 calls a key in 10 seconds,
  // but where a route has a limit of its own, https://www.htx.com/support/900001168066 ;
  // https://huobiapi.github.io/docs/usdt_swap/v1/en/#api-rate-limit-illustration
  static let limits = Limits([
    LimitBucket("private", capacity: 20, refill: .window(seconds: 2), scope: .key),
    LimitBucket("matchresults", capacity: 20, refill: .window(seconds: 2), scope: .key),
    LimitBucket("deposit-withdraw", capacity: 20, refill: .window(seconds: 2), scope: .key),
    LimitBucket("history", capacity: 5, refill: .window(seconds: 2), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
    LimitBucket("contract", capacity: 72, refill: .window(seconds: 3), scope: .key),
    LimitBucket("contract.public", capacity: 120, refill: .window(seconds: 3), scope: .address),
  ])
  static let open = ["public": 1]
  static let contractOpen = ["contract.public": 1]
  static let contractKey = ["contract": 1]

  // https://huobiapi.github.io/docs/spot/v1/en/#error-code
  // https://huobiapi.github.io/docs/usdt_swap/v1/en/#error-code
  static let faults = FaultTable(
    codes: [
      "api-signature-not-valid": .auth, "api-signature-check-failed": .auth,
      "login-required": .auth, "api-not-support-temp-addr": .auth, "1002": .auth, "1003": .auth,
      "invalid-timestamp": .clock, "gateway-internal-error": .retryable,
      "system-maintenance": .retryable, "timeout": .unknownOutcome, "500": .retryable,
      "base-request-exceed-frequency-limit": .rate, "too-many-requests": .rate,
      "request-too-frequent": .rate, "1032": .rate, "429": .rate, "1000": .retryable,
      "1001": .retryable, "1004": .retryable, "1030": .retryable, "1220": .retryable,
      "account-frozen-balance-insufficient-error": .funds,
      "account-transfer-balance-insufficient-error": .funds,
      "insufficient-balance": .funds, "insufficient-exchange-fund": .funds, "1047": .funds,
      "base-record-invalid": .orderNotFound, "not-found": .orderNotFound,
      "base-order-not-found": .orderNotFound, "order-queryorder-invalid": .orderNotFound,
      "1017": .orderNotFound, "1061": .orderNotFound, "1051": .orderNotFound,
    ],
    texts: [
      "Incorrect Access key": .auth, "Signature not valid": .auth, "exceeded the limit": .rate,
      "too many requests": .rate, "system is under maintenance": .retryable,
    ],
    find: { body, _ in
      if (try? body["status"].optionalText()) == "error" {
        let code = (try? body.optionalText("err-code", "err_code")) ?? ""
        return (code, (try? body.optionalText("err-msg", "err_msg")) ?? "")
      }
      guard let code = (try? body["code"].optionalText()) ?? nil, code != "200" else { return nil }
      return (code, (try? body.optionalText("message", "msg")) ?? "")
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = balances
    feeds.fills = [spotFills, linearFills, inverseFills(.swap), inverseFills(.future)]
    feeds.deposits = [transfers(.deposit)]
    feeds.withdrawals = [transfers(.withdrawal)]
    feeds.statement = statement
    feeds.positions = positions
    feeds.markets = markets
    feeds.assets = [assets]
    feeds.tickers = tickers
    feeds.candles = candles
    feeds.trades = trades
    feeds.books = books
    feeds.openOrders = openOrders
    feeds.closedOrders = closedOrders
    feeds.clock = Feed(
      calls: { _ in [Call("spot.public", "GET", "v1/common/timestamp", cost: open)] },
      rows: Pick.one(),
      row: { row, _ throws(VenueFault) in try row.time(.milliseconds, "data", "ts") })
    // https://huobiapi.github.io/docs/spot/v1/en/#get-uid : the number that its keys are asked by.
    feeds.accounts = Feed(
      calls: { _ in
        [
          Call("spot.private", "GET", "v1/account/accounts"),
          Call("spot.private", "GET", "v2/user/uid"),
        ]
      },
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        return answer.call.path == "v2/user/uid" ? [data] : try data.elements()
      },
      row: { row, ask throws(VenueFault) in
        if case .number = row.json { return VenueAccount(name: "uid", id: try row.text()) }
        let kind = try row.text("type")
        let market = try row.optionalText("subtype").map { ":" + $0 } ?? ""
        return VenueAccount(name: kind + market, id: try row.text("id"))
      })
    // https://huobiapi.github.io/docs/spot/v1/en/#api-key-query
    feeds.rights = Feed(
      calls: { ask throws(VenueFault) in
        guard let uid = ask.accounts["uid"] else { throw .unsupported("rights without the uid") }
        return [Call("key", "GET", "api-key", ["uid": .string(uid)])]
      },
      rows: Pick.list("data"), row: rights)
    return feeds
  }()

  /// `readOnly,trade,withdraw` as far as the key may, and the addresses it is bound to.
  private static func rights(_ row: Node, _: Ask) throws(VenueFault) -> KeyRights? {
    let words = try row.text("permission").split(separator: ",").map(String.init)
    let addresses = try row.optionalText("ipAddresses").map { text in
      text.split(separator: ",").map(String.init)
    }
    return KeyRights(
      canRead: words.contains("readOnly"), canTrade: words.contains("trade"),
      canWithdraw: words.contains("withdraw"), addresses: addresses,
      made: try row.optionalTime(.milliseconds, "createTime"))
  }

  // MARK: - Balances

  private static var balances: [Feed<Balance>] {
    [
      account(.spot, "spot"), account(.funding, "otc"), account(.earn, "deposit-earning"),
      margin(.margin, "v1/cross-margin/accounts/balance"),
      margin(.isolatedMargin, "v1/margin/accounts/balance"),
      Feed(
        part: .swap, market: .swap, evidence: .recorded,
        calls: { _ in
          [Call("contract.private", "GET", "v5/account/balance", cost: contractKey)]
        },
        rows: Pick.listIfAny("data", "details"),
        row: { row, _ throws(VenueFault) in
          Balance(
            asset: try row.text("currency"), free: try row.optionalDecimal("available_margin"),
            total: try row.decimal("equity"), part: .swap,
            openProfit: try row.optionalDecimal("profit_unreal"))
        }),
      contractBalance(.inverse, .swap, "swap-api/v1/swap_account_info"),
      contractBalance(.future, .future, "api/v1/contract_account_info"),
    ]
  }

  private static func account(_ part: AccountPart, _ name: String) -> Feed<Balance> {
    Feed(
      part: part,
      calls: { ask throws(VenueFault) in
        let id = JSON.string(try ask.account(name))
        return [
          Call(
            "spot.private", "GET", "v1/account/accounts/{account-id}/balance", ["account-id": id])
        ]
      },
      rows: Pick.list("data", "list"),
      row: { row, _ throws(VenueFault) in try line(row, part) })
  }

  private static func margin(_ part: AccountPart, _ path: String) -> Feed<Balance> {
    Feed(
      part: part, calls: { _ in [Call("spot.private", "GET", path)] },
      rows: { answer throws(VenueFault) in
        let data = answer.body["data"]
        guard case .array? = data.json else { return try data["list"].optionalElements() }
        return try Pick.inner("list", of: "data")(answer)
      },
      row: { row, _ throws(VenueFault) in try line(row, part) })
  }

  /// One line of an account: what is free and what is frozen stand on lines of their own.
  private static func line(_ row: Node, _ part: AccountPart) throws(VenueFault) -> Balance? {
    let (asset, amount) = (try row.text("currency"), try row.decimal("balance"))
    switch try row.text("type") {
    case "trade": return Balance(asset: asset, free: amount, used: .zero, part: part)
    case "frozen", "lock": return Balance(asset: asset, free: .zero, used: amount, part: part)
    default: return nil
    }
  }

  private static func contractBalance(
    _ part: AccountPart, _ kind: MarketKind, _ path: String
  ) -> Feed<Balance> {
    Feed(
      part: part, market: kind,
      calls: { _ in [Call("contract.private", "POST", path, cost: contractKey)] },
      rows: Pick.list("data"),
      row: { row, _ throws(VenueFault) in
        Balance(
          asset: try row.text("symbol"), free: try row.optionalDecimal("margin_available"),
          total: try row.decimal("margin_balance"), part: part,
          openProfit: try row.optionalDecimal("profit_unreal"))
      })
  }

  // MARK: - Deposits and withdrawals

  // https://huobiapi.github.io/docs/spot/v1/en/#search-for-existed-withdraws-and-deposits
  private static func transfers(_ direction: Transfer.Direction) -> Feed<Transfer> {
    Feed(
      paging: Paging(.cursor, most: 500),
      calls: { ask in
        var parameters: Parameters = [
          "type": .string(direction == .deposit ? "deposit" : "withdraw"), "direct": "next",
          "from": .string(ask.cursor ?? "0"), "size": .string(String(ask.limit ?? 100)),
        ]
        parameters["currency"] = .text(ask.asset)
        return [
          Call(
            "spot.private", "GET", "v1/query/deposit-withdraw", parameters,
            cost: ["deposit-withdraw": 1])
        ]
      },
      rows: Pick.listIfAny("data"), row: transfer,
      next: { answer throws(VenueFault) in
        let rows = try answer.body["data"].optionalElements()
        let asked = answer.call.parameters["size"]?.plainText ?? ""
        return rows.count >= 2 && String(rows.count) == asked ? try rows.last?.text("id") : nil
      })
  }

  private static func transfer(_ row: Node, _: Ask) throws(VenueFault) -> Transfer? {
    let isDeposit = try row.text("type") == "deposit"
    let asset = try row.text("currency")
    return Transfer(
      id: try row.optionalText("id"), transactionHash: try row.optionalText("tx-hash"),
      time: try row.optionalTime(.milliseconds, "created-at"),
      direction: isDeposit ? .deposit : .withdrawal, asset: asset,
      amount: try row.decimal("amount"),
      fee: try row.optionalDecimal("fee").map { VenueAmount(asset, $0) },
      network: try row.optionalText("chain"), address: try row.optionalText("address"),
      tag: try row.optionalText("address-tag"),
      status: try row.word("state", isDeposit ? depositWords : withdrawalWords))
  }

  private static let depositWords: [String: Transfer.Status] = [
    "confirming": .pending, "confirmed": .ok, "safe": .ok, "orphan": .failed,
  ]
  private static let withdrawalWords: [String: Transfer.Status] = [
    "verifying": .pending, "submitted": .pending, "reexamine": .pending, "pass": .pending,
    "pre-transfer": .pending, "wallet-transfer": .pending, "confirmed": .ok, "failed": .failed,
    "reject": .failed, "wallet-reject": .failed, "confirm-error": .failed, "repealed": .canceled,
    "canceled": .canceled,
  ]
}
