import Amounts
import Encodings
import Ledger
public import VenueKit

extension Venue {
  /// Kraken, spot and margin.
  public static let kraken = Venue(
    id: "kraken", name: "Kraken",
    documents: ["https://docs.kraken.com/api/docs/rest-api/add-order"],
    surfaces: [
      Surface("public", Kraken.host, "/0/public/"),
      Surface("private", Kraken.host, "/0/private/", Kraken.recipe),
    ],
    limits: Kraken.limits, faults: Kraken.faults, aliases: ["XXBT": "BTC", "XBT": "BTC"],
    feeds: Kraken.feeds, needsGrowingNonce: true)
}

/// https://docs.kraken.com/api/docs/guides/spot-rest-auth
private enum Kraken {
  static let host = "https://api.kraken.com"

  static let recipe = Recipe([
    .lead("nonce", .nonce(.milliseconds)),
    .bind("nonce", .parameter("nonce")),
    .form(ParameterStyle(.strict)),
    .header("API-Key", .key),
    .header(
      "API-Sign",
      .base64(
        .hmac(
          .sha512, key: .unbase64(.secret),
          .join([.path, .hash(.sha256, .join([.value("nonce"), .body]))])))),
  ])

  // https://docs.kraken.com/api/docs/guides/spot-rest-ratelimits
  static let limits = Limits([
    LimitBucket("counter", capacity: 15, refill: .steady(perSecond: 0.33), scope: .key),
    LimitBucket("public", capacity: 1, refill: .steady(perSecond: 1), scope: .address),
  ])

  static let faults = FaultTable(
    texts: [
      "EAPI:Rate limit exceeded": .rate, "EAPI:Invalid nonce": .clock,
      "EAPI:Invalid key": .auth, "EAPI:Invalid signature": .auth,
      "EGeneral:Permission denied": .auth, "EService:Unavailable": .retryable,
      "EService:Busy": .retryable, "EOrder:Insufficient funds": .funds,
      "EOrder:Unknown order": .orderNotFound,
    ],
    find: { body, _ in
      guard case .array(let errors)? = body["error"].json, let first = errors.first else {
        return nil
      }
      return (code: "", message: first.plainText)
    })

  static let feeds: Feeds = {
    var feeds = Feeds()
    feeds.balances = [
      Feed(
        part: .spot, evidence: .recorded,
        calls: { _ in [Call("private", "POST", "BalanceEx", cost: ["counter": 1])] },
        rows: { answer throws(VenueFault) in try answer.body["result"].members() }, row: balance)
    ]
    return feeds
  }()

  static func balance(_ row: Node, _: Ask) throws(VenueFault) -> Balance? {
    Balance(
      asset: row.key, used: try row.optionalDecimal("hold_trade"),
      total: try row.decimal("balance"))
  }
}
