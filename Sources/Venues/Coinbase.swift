import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Coinbase: Advanced Trade, and the wallets of the Coinbase app.
  public static let coinbase = Venue(
    id: "coinbase", name: "Coinbase",
    documents: [
      "https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api",
      "https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication",
      "https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions",
      "https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/websocket/websocket-channels",
    ],
    surfaces: [
      Surface("v2.public", Coinbase.host, "/v2/"),
      Surface("v3.public", Coinbase.host, "/api/v3/"),
      Surface("v2.private", Coinbase.host, "/v2/", Coinbase.recipe(signsQuery: true)),
      Surface("v3.private", Coinbase.host, "/api/v3/", Coinbase.recipe(signsQuery: false)),
    ],
    credentials: [
      CredentialField("key", "API key name", isSecret: false),
      CredentialField("secret", "Private key (PEM, or base64 of an Ed25519 key)"),
    ],
    limits: Coinbase.limits, faults: Coinbase.faults, feeds: Coinbase.feeds,
    desk: Coinbase.desk, streams: [Coinbase.marketStream, Coinbase.userStream],
    unseen: [
      "portfolios that the key is not made for", "Coinbase Wallet: its addresses are wallets",
      "loans against collateral", "what the perpetuals of Coinbase International held",
    ])
}

// https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api
enum Coinbase {
  static let host = "https://api.coinbase.com"

  // MARK: - Signing

  /// The kinds of key that the venue has given out.
  enum KeyKind {
    /// An EC key as PEM: JWT by ES256.
    case ellipticCurve
    /// An Ed25519 key as base64 of 64 bytes: JWT by EdDSA.
    case edwards
    /// An old key: HMAC.
    case legacy
  }

  static func kind(_ credentials: Credentials) -> KeyKind {
    if credentials.secret.contains("-----BEGIN") { return .ellipticCurve }
    return Base64.bytes(credentials.secret)?.count == 64 ? .edwards : .legacy
  }

  /// The query of GET, a JSON body of the rest; the old signature covers v2's query but not v3's.
  static func recipe(signsQuery: Bool) -> Recipe {
    Recipe([
      .on(["GET"], [.query(.strict)]),
      .notOn(["GET"], [.jsonBodyUnlessEmpty]),
      .custom { draft throws(VenueFault) in try sign(&draft, signsQuery) },
    ])
  }

  private static func sign(_ draft: inout Draft, _ signsQuery: Bool) throws(VenueFault) {
    draft.setHeader("Content-Type", "application/json")
    if kind(draft.credentials) == .legacy {
      let path: Token = signsQuery ? .pathAndQuery : .path
      return try draft.run([
        .bind("time", .time(.seconds)),
        .header("CB-ACCESS-KEY", .key),
        .header(
          "CB-ACCESS-SIGN",
          .hex(
            .hmac(.sha256, key: .secret, .join([.value("time"), .method, path, .body])))),
        .header("CB-ACCESS-TIMESTAMP", .value("time")),
      ])
    }
    let wanted = "\(draft.method) \(draft.host)\(draft.path)"
    let token = try token(
      draft.credentials, draft.moment, draft.tools, audience: "retail_rest_api_proxy",
      uri: wanted)
    draft.setHeader("Authorization", "Bearer " + token)
  }

  /// A JSON web token (RFC 7519) good for two minutes; of one request where it names one.
  static func token(
    _ credentials: Credentials, _ moment: Moment, _ tools: SigningTools,
    audience: String? = nil, uri: String? = nil
  ) throws(VenueFault) -> String {
    guard !credentials.key.isEmpty, !credentials.secret.isEmpty else {
      throw .unsigned("no key is stored for this account")
    }
    let isEdwards = kind(credentials) == .edwards
    let head: Parameters = [
      "alg": .string(isEdwards ? "EdDSA" : "ES256"), "typ": .string("JWT"),
      "kid": .string(credentials.key),
      "nonce": .string(moment.uuid.filter { $0 != "-" }),
    ]
    let now = moment.time.seconds
    let claims: Parameters = [
      "aud": audience.map { .array([.string($0)]) }, "iss": .string("coinbase-cloud"),
      "nbf": .number(String(now)), "exp": .number(String(now + 120)),
      "sub": .string(credentials.key), "iat": .number(String(now)), "uri": .text(uri),
    ]
    let parts = [head, claims].map { Base64.urlText(Array($0.json.text.utf8)) }
    let message = parts.joined(separator: ".")
    let bytes = Array(message.utf8)
    let signature = try Draft.signed { () throws(SigningFault) in
      if isEdwards {
        return try tools.ed25519(Base64.bytes(credentials.secret) ?? [], bytes)
      }
      return try tools.ecdsaP256(pem(credentials.secret), bytes)
    }
    return message + "." + Base64.urlText(signature)
  }

  /// The PEM text with lines, where it was copied out of a JSON file with `\n` written out.
  private static func pem(_ secret: String) -> String {
    secret.split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
  }

  // MARK: - Limits and refusals

  // https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api: 30 calls a second a
  // user and 10 an address; the app's calls 10,000 an hour.
  static let limits = Limits([
    LimitBucket("private", capacity: 30, refill: .window(seconds: 1), scope: .key),
    LimitBucket("public", capacity: 10, refill: .window(seconds: 1), scope: .address),
    LimitBucket("app", capacity: 10_000, refill: .window(seconds: 3600), scope: .key),
  ])

  // https://docs.cdp.coinbase.com/coinbase-app/api-architecture/error-handling
  static let faults = FaultTable(
    codes: [
      "rate_limit_exceeded": .rate, "RESOURCE_EXHAUSTED": .rate, "unauthorized": .auth,
      "UNAUTHENTICATED": .auth, "PERMISSION_DENIED": .auth, "authentication_error": .auth,
      "invalid_token": .auth, "expired_token": .auth, "revoked_token": .auth,
      "invalid_scope": .auth, "two_factor_required": .auth, "INSUFFICIENT_FUND": .funds,
      "PREVIEW_INSUFFICIENT_FUND": .funds, "INSUFFICIENT_FUNDS": .funds,
      "UNKNOWN_CANCEL_ORDER": .orderNotFound, "UNAVAILABLE": .retryable,
      "INTERNAL": .unknownOutcome, "DEADLINE_EXCEEDED": .unknownOutcome,
      "internal_server_error": .unknownOutcome, "COMMANDER_REJECTED_CANCEL_ORDER": .definitive,
      "DUPLICATE_CANCEL_REQUEST": .definitive, "not_found": .definitive,
    ],
    texts: [
      "order not found": .orderNotFound, "insufficient": .funds, "too many requests": .rate,
      "expired": .clock,
    ],
    find: { body, status in find(body, status) })

  private static func find(_ body: Node, _ status: Int) -> (code: String, message: String)? {
    func word(_ node: Node, _ names: [String]) -> String {
      ((try? node.first(names).optionalText()) ?? nil) ?? ""
    }
    if case .array(let errors)? = body["errors"].json, !errors.isEmpty {
      return (word(body["errors"][0], ["id"]), word(body["errors"][0], ["message"]))
    }
    if case .bool(false)? = body["success"].json {
      let inner = body["error_response"]
      let code = word(inner, ["error"])
      return (
        code.isEmpty ? word(body, ["failure_reason"]) : code,
        word(inner, ["message", "error_details", "preview_failure_reason"])
      )
    }
    let result = body["results"][0]
    if case .bool(false)? = result["success"].json {
      let reason = word(result, ["failure_reason"])
      return (reason, reason)
    }
    guard status >= 400 || !body["error"].isNothing else { return nil }
    return (word(body, ["error", "code"]), word(body, ["message", "error_details", "error"]))
  }

  // MARK: - Rows

  /// An account of Advanced Trade.
  ///
  /// https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/accounts/list-accounts
  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: try row.text("currency"), free: try row["available_balance"].decimal("value"),
      used: try row["hold"].optionalDecimal("value") ?? .zero)
  }

  /// A wallet of the app.
  ///
  /// Advanced Trade states all but what is staked, which has wallets of its own, named after it.
  static func stakedBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    guard try row.optionalText("name")?.hasPrefix("Staked") == true else { return nil }
    return Balance(
      asset: try row["balance"].text("currency"), used: .zero,
      total: try row["balance"].decimal("amount"), part: .staking)
  }

  /// The cash of the futures account, kept apart from the spot account's.
  static func futuresBalance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    let cash = row["cfm_usd_balance"]
    if cash.isNothing { return nil }
    return Balance(
      asset: try cash.optionalText("currency") ?? "USD", total: try cash.decimal("value"),
      part: .future)
  }

  static func account(_ row: Node, _: Ask) throws(VenueFault) -> VenueAccount? {
    let id = try row.text("id")
    let code = try row["balance"].text("currency")
    return VenueAccount(name: "\(code):\(id)", id: id)
  }

  // https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/list-fills
  static func fill(_ row: Node, _ ask: Ask) throws(VenueFault) -> Fill? {
    let product = try row.text("product_id")
    let known = ask.markets.market(product)
    let price = try row.decimal("price")
    let size = try row.decimal("size")
    let isQuote = try row.optionalFlag("size_in_quote") ?? false
    let fee = try row.optionalDecimal("commission")
    let quote = known?.quote ?? String(product.split(separator: "-").last ?? "")
    return Fill(
      id: try row.text("trade_id"), order: try row.optionalText("order_id"),
      time: try row.time(.iso, "trade_time"), market: product,
      side: try row["side"].sideOfWord(), price: price,
      amount: isQuote ? try quotient(size, price) : size,
      fees: fee.map { [VenueAmount(known?.settle ?? quote, $0)] } ?? [],
      isMaker: try row.optionalText("liquidity_indicator").flatMap(isMaker),
      part: part(known?.kind))
  }

  private static func isMaker(_ word: String) -> Bool? {
    word == "MAKER" ? true : word == "TAKER" ? false : nil
  }

  private static func part(_ kind: MarketKind?) -> AccountPart {
    switch kind {
    case .swap: .swap
    case .future: .future
    case .option: .option
    case .spot, nil: .spot
    }
  }

  static func quotient(_ a: Fixed, _ b: Fixed) throws(VenueFault) -> Fixed {
    guard let result = try? a.divided(by: b, rounding: .halfEven) else {
      throw .malformed(path: "$", expected: "a price that is not zero")
    }
    return result
  }

  /// A purchase or sale in the app: within a transaction, or as the former routes of purchases
  /// wrote it.
  ///
  /// https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions
  static func retailFill(_ row: Node, _: Ask) throws(VenueFault) -> Fill? {
    let resource = try row.optionalText("resource") ?? ""
    let word = try ["buy", "sell"].contains(resource) ? resource : row.optionalText("type") ?? ""
    guard ["buy", "sell"].contains(word) else { return nil }
    let deal = row[word].isNothing ? row : row[word]
    let worth = deal.first(["subtotal", "total"])
    if worth.isNothing { return nil }
    let amount = try row["amount"].decimal("amount").sizeOnly()
    let cost = try worth.decimal("amount")
    let fee = deal["fee"]
    let base = try row["amount"].text("currency")
    let quote = try worth.text("currency")
    return Fill(
      id: try row.text("id"), order: try deal.optionalText("id"),
      time: try row.time(.iso, "created_at"), market: "\(base)-\(quote)",
      side: word == "buy" ? .buy : .sell, price: try quotient(cost, amount), amount: amount,
      cost: cost,
      fees: fee.isNothing
        ? [] : [VenueAmount(try fee.text("currency"), try fee.decimal("amount"))])
  }
}
