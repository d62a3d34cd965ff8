import Encodings
import Ledger
public import VenueKit

// Venues that closed or are closing. Their signing is kept and checked, so that what is known of
// them can be tried where a host still answers; nothing is read from them and no account can be
// connected: they are not in `Venue.all`. Statements that people kept are read by the importer.

extension Venue {
  /// Venues of which only the signing is known.
  public static let retired: [Venue] = [.bitmart, .bitmex, .coinex, .exmo]

  /// The retired venue of an id.
  public static func retired(_ id: String) -> Venue? { retired.first { $0.id == id } }

  /// BitMart, dropped by the common client libraries in 2026; whether it still trades is unsure.
  private static let bitmart = Venue(
    retired: "bitmart", name: "BitMart",
    documents: ["https://developer-pro.bitmart.com/en/spot/#authentication"],
    surfaces: [
      Surface("private", "https://api-cloud.bitmart.com", "/", Retired.bitmart),
      Surface("private.swap", "https://api-cloud-v2.bitmart.com", "/", Retired.bitmart),
    ], credentials: CredentialField.keyAndSecret + [CredentialField("uid", "Memo")])

  /// BitMEX, closed on 2026-09-23.
  private static let bitmex = Venue(
    retired: "bitmex", name: "BitMEX", documents: ["https://www.bitmex.com/app/apiKeysUsage"],
    surfaces: [Surface("private", "https://www.bitmex.com", "/api/v1/", Retired.bitmex)])

  /// CoinEx, dropped by the common client libraries in 2026; whether it still trades is unsure.
  private static let coinex: Venue = {
    var old = Surface("v1.private", "https://api.coinex.com", "/v1/", Retired.coinexOld)
    old.repeatsFilled = true
    return Venue(
      retired: "coinex", name: "CoinEx",
      documents: ["https://docs.coinex.com/api/v2/authorization"],
      surfaces: [
        Surface("v2.private", "https://api.coinex.com", "/v2/", Retired.coinex), old,
      ])
  }()

  /// EXMO, dropped by the common client libraries in 2026; whether it still trades is unsure.
  private static let exmo = Venue(
    retired: "exmo", name: "EXMO",
    documents: ["https://documenter.getpostman.com/view/10287440/SzYXWKPi"],
    surfaces: [Surface("private", "https://api.exmo.com", "/v1.1/", Retired.exmo)])

  private init(
    retired id: String, name: String, documents: [String], surfaces: [Surface],
    credentials: [CredentialField] = CredentialField.keyAndSecret
  ) {
    self.init(
      id: id, name: name, documents: documents, surfaces: surfaces, credentials: credentials,
      limits: Limits([
        LimitBucket("requests", capacity: 1, refill: .window(seconds: 1), scope: .address)
      ]),
      faults: FaultTable(find: { _, _ in nil }), feeds: Feeds(),
      unseen: ["everything: the venue closed or is closing, and nothing is read from it"])
  }
}

private enum Retired {
  // https://developer-pro.bitmart.com/en/spot/#signed: derivatives are on a host of their own.
  static let bitmart = Recipe([
    .custom { draft in
      if draft.path.hasPrefix("/contract/") { draft.base = "https://api-cloud-v2.bitmart.com" }
    },
    .on(["GET", "DELETE"], [.query(.nested)]), .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("X-BM-KEY", .key), .header("X-BM-TIMESTAMP", .time(.milliseconds)),
    .header("Content-Type", .text("application/json")),
    .header(
      "X-BM-SIGN",
      .hex(
        .hmac(
          .sha256, key: .secret,
          .join([
            .time(.milliseconds), .text("#"), .field("uid"), .text("#"), .either(.body, .query),
          ])))),
  ])

  /// Five seconds from now.
  private static let expiry = Token.made { draft in
    Array(String(draft.moment.time.advanced(bySeconds: 5).seconds).utf8)
  }

  // https://www.bitmex.com/app/apiKeysUsage
  static let bitmex = Recipe([
    .on(["GET"], [.query(.nested)]), .notOn(["GET"], [.jsonBodyUnlessEmpty]),
    .header("Content-Type", .text("application/json")), .header("api-key", .key),
    .header("api-expires", expiry),
    .header(
      "api-signature",
      .hex(.hmac(.sha256, key: .secret, .join([.method, .pathAndQuery, expiry, .body])))),
  ])

  // https://docs.coinex.com/api/v2/authorization
  static let coinex = Recipe([
    .sort, .on(["GET", "DELETE"], [.query(.plainNested)]),
    .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("Content-Type", .text("application/json")), .header("X-COINEX-KEY", .key),
    .header("X-COINEX-TIMESTAMP", .time(.milliseconds)),
    .header(
      "X-COINEX-SIGN",
      .hex(
        .hash(
          .sha256, .join([.method, .pathAndQuery, .body, .time(.milliseconds), .secret])))),
  ])

  // https://viabtc.github.io/coinex_api_en_doc/general/#docsgeneral001_authorization
  static let coinexOld = Recipe([
    .add("access_id", .key), .add("tonce", .nonce(.milliseconds)), .sort,
    .header(
      "Authorization",
      .upper(
        .hex(
          .hash(
            .md5, .join([.parameters(.plainNested), .text("&secret_key="), .secret]))))),
    .on(["GET", "DELETE"], [.query(.plainNested)]),
    .notOn(["GET", "DELETE"], [.jsonBody]),
    .header("Content-Type", .text("application/json")),
  ])

  // https://documenter.getpostman.com/view/10287440/SzYXWKPi
  static let exmo = Recipe([
    .lead("nonce", .nonce(.milliseconds)), .form(.nested), .header("Key", .key),
    .header("Sign", .hex(.hmac(.sha512, key: .secret, .body))),
  ])
}

extension ParameterStyle {
  /// Strict, and lists as `a[0]=1&a[1]=2`.
  static let nested = ParameterStyle(.strict, .numbered)
  /// Not escaped, and lists as `a[0]=1&a[1]=2`.
  static let plainNested = ParameterStyle(.none, .numbered)
}
