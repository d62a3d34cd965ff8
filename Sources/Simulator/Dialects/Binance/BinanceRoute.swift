/// One route with what it costs and needs.
///
/// Weights: the page of each endpoint under https://developers.binance.com/docs/binance-spot-api-docs/rest-api,
/// https://developers.binance.com/docs/wallet, https://developers.binance.com/docs/simple_earn,
/// https://developers.binance.com/docs/convert and
/// https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info and
/// https://developers.binance.com/docs/derivatives/coin-margined-futures/general-info.
struct BinanceRoute {
  enum Security { case none, key, signed }
  /// An allowance a minute.
  struct Bucket {
    let name: String
    let limit: Int
    let header: String
    static let spot = Bucket(name: "api", limit: 6_000, header: "X-MBX-USED-WEIGHT-1M")
    static let wallet = Bucket(name: "sapi", limit: 12_000, header: "X-SAPI-USED-IP-WEIGHT-1M")
    static let person = Bucket(name: "uid", limit: 180_000, header: "X-SAPI-USED-UID-WEIGHT-1M")
    static let futures = Bucket(name: "fapi", limit: 2_400, header: "X-MBX-USED-WEIGHT-1M")
    static let coins = Bucket(name: "dapi", limit: 2_400, header: "X-MBX-USED-WEIGHT-1M")
    /// Whether each user has it for himself; the others are of the address.
    var isOfKey: Bool { name == Bucket.person.name }
  }
  /// Method and path.
  let name: String
  let security: Security
  let weight: Int
  let bucket: Bucket

  private init(_ name: String, _ security: Security, _ weight: Int, _ bucket: Bucket) {
    self.name = name
    self.security = security
    self.weight = weight
    self.bucket = bucket
  }

  /// The route of a request, with the weight its parameters give it.
  static func find(_ request: SimulatedRequest) -> BinanceRoute? {
    let name = "\(request.method) \(request.path)"
    guard let route = table[name] else { return nil }
    let fields = FormFields(request.query + "&" + request.body)
    let weight = weight(name, fields) ?? route.weight
    return BinanceRoute(name, route.security, weight, route.bucket)
  }

  /// The weight where it hangs on parameters.
  private static func weight(_ name: String, _ fields: FormFields) -> Int? {
    let limit = fields.number("limit") ?? 0
    switch name {
    case "GET /api/v3/depth":
      return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250
    case "GET /fapi/v1/depth": return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20
    case "GET /api/v3/myTrades": return fields["orderId"] == nil ? 20 : 5
    case "GET /api/v3/openOrders": return fields["symbol"] == nil ? 80 : 6
    case "GET /api/v3/ticker/24hr":
      if fields["symbol"] != nil { return 2 }
      let count = (fields["symbols"] ?? "").split(separator: ",").count
      return count == 0 || count > 100 ? 80 : count > 20 ? 40 : 2
    case "GET /api/v3/ticker/price", "GET /api/v3/ticker/bookTicker":
      return fields["symbol"] == nil ? 4 : 2
    case "GET /fapi/v1/ticker/24hr": return fields["symbol"] == nil ? 40 : 1
    case "GET /fapi/v1/openOrders": return fields["symbol"] == nil ? 40 : 1
    default: return nil
    }
  }

  private static let table: [String: BinanceRoute] = {
    var table: [String: BinanceRoute] = [:]
    for route in spot + wallet + futures + empty { table[route.name] = route }
    return table
  }()

  private static let spot: [BinanceRoute] = [
    BinanceRoute("GET /api/v3/ping", .none, 1, .spot),
    BinanceRoute("GET /api/v3/time", .none, 1, .spot),
    BinanceRoute("GET /api/v3/exchangeInfo", .none, 20, .spot),
    BinanceRoute("GET /api/v3/depth", .none, 5, .spot),
    BinanceRoute("GET /api/v3/trades", .none, 25, .spot),
    BinanceRoute("GET /api/v3/aggTrades", .none, 4, .spot),
    BinanceRoute("GET /api/v3/klines", .none, 2, .spot),
    BinanceRoute("GET /api/v3/ticker/24hr", .none, 2, .spot),
    BinanceRoute("GET /api/v3/ticker/price", .none, 2, .spot),
    BinanceRoute("GET /api/v3/ticker/bookTicker", .none, 2, .spot),
    BinanceRoute("GET /api/v3/account", .signed, 20, .spot),
    BinanceRoute("GET /api/v3/myTrades", .signed, 20, .spot),
    BinanceRoute("GET /api/v3/order", .signed, 4, .spot),
    BinanceRoute("GET /api/v3/openOrders", .signed, 6, .spot),
    BinanceRoute("GET /api/v3/allOrders", .signed, 20, .spot),
    BinanceRoute("POST /api/v3/order", .signed, 1, .spot),
    BinanceRoute("POST /api/v3/order/test", .signed, 1, .spot),
    BinanceRoute("DELETE /api/v3/order", .signed, 1, .spot),
    BinanceRoute("DELETE /api/v3/openOrders", .signed, 1, .spot),
    BinanceRoute("GET /api/v3/rateLimit/order", .signed, 40, .spot),
    BinanceRoute("POST /api/v3/userDataStream", .key, 2, .spot),
    BinanceRoute("PUT /api/v3/userDataStream", .key, 2, .spot),
    BinanceRoute("DELETE /api/v3/userDataStream", .key, 2, .spot),
  ]

  private static let wallet: [BinanceRoute] = [
    BinanceRoute("GET /sapi/v1/system/status", .none, 1, .wallet),
    BinanceRoute("GET /sapi/v1/capital/config/getall", .signed, 10, .wallet),
    BinanceRoute("GET /sapi/v1/capital/deposit/hisrec", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/capital/withdraw/history", .signed, 18_000, .person),
    BinanceRoute("GET /sapi/v1/asset/assetDividend", .signed, 10, .wallet),
    BinanceRoute("GET /sapi/v1/asset/dribblet", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/asset/transfer", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/asset/tradeFee", .signed, 1, .wallet),
    BinanceRoute("POST /sapi/v1/asset/get-funding-asset", .signed, 1, .wallet),
    BinanceRoute("POST /sapi/v3/asset/getUserAsset", .signed, 5, .wallet),
    BinanceRoute("GET /sapi/v1/asset/wallet/balance", .signed, 60, .wallet),
    BinanceRoute("GET /sapi/v1/account/apiRestrictions", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/convert/tradeFlow", .signed, 3_000, .person),
    BinanceRoute("GET /sapi/v1/fiat/orders", .signed, 45_000, .person),
    BinanceRoute("GET /sapi/v1/fiat/payments", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/simple-earn/account", .signed, 150, .wallet),
    BinanceRoute("GET /sapi/v1/simple-earn/flexible/position", .signed, 150, .wallet),
    BinanceRoute("GET /sapi/v1/simple-earn/locked/position", .signed, 150, .wallet),
    BinanceRoute("GET /sapi/v1/simple-earn/flexible/history/rewardsRecord", .signed, 150, .wallet),
    BinanceRoute("GET /sapi/v1/simple-earn/locked/history/rewardsRecord", .signed, 150, .wallet),
    BinanceRoute(
      "GET /sapi/v1/simple-earn/flexible/history/subscriptionRecord", .signed, 150, .wallet),
    BinanceRoute(
      "GET /sapi/v1/simple-earn/flexible/history/redemptionRecord", .signed, 150, .wallet),
    BinanceRoute("GET /sapi/v1/margin/account", .signed, 10, .wallet),
    BinanceRoute("GET /sapi/v1/margin/isolated/account", .signed, 10, .wallet),
  ]

  private static let futures: [BinanceRoute] = [
    BinanceRoute("GET /fapi/v1/ping", .none, 1, .futures),
    BinanceRoute("GET /fapi/v1/time", .none, 1, .futures),
    BinanceRoute("GET /fapi/v1/exchangeInfo", .none, 1, .futures),
    BinanceRoute("GET /fapi/v1/depth", .none, 5, .futures),
    BinanceRoute("GET /fapi/v1/klines", .none, 5, .futures),
    BinanceRoute("GET /fapi/v1/premiumIndex", .none, 1, .futures),
    BinanceRoute("GET /fapi/v1/ticker/24hr", .none, 1, .futures),
    BinanceRoute("GET /fapi/v2/account", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v3/account", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v2/balance", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v3/balance", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v2/positionRisk", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v3/positionRisk", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v1/userTrades", .signed, 5, .futures),
    BinanceRoute("GET /fapi/v1/income", .signed, 30, .futures),
    BinanceRoute("GET /fapi/v1/trades", .none, 5, .futures),
    BinanceRoute("GET /fapi/v1/aggTrades", .none, 20, .futures),
    BinanceRoute("POST /fapi/v1/listenKey", .key, 1, .futures),
    BinanceRoute("PUT /fapi/v1/listenKey", .key, 1, .futures),
    BinanceRoute("DELETE /fapi/v1/listenKey", .key, 1, .futures),
    BinanceRoute("GET /fapi/v1/openOrders", .signed, 1, .futures),
    BinanceRoute("GET /fapi/v1/allOrders", .signed, 5, .futures),
  ]

  /// Parts of the account in which nothing ever happens: margin, and COIN-M futures.
  private static let empty: [BinanceRoute] = [
    BinanceRoute("GET /sapi/v1/margin/myTrades", .signed, 10, .wallet),
    BinanceRoute("GET /sapi/v1/margin/openOrders", .signed, 10, .wallet),
    BinanceRoute("GET /sapi/v1/margin/allOrders", .signed, 200, .wallet),
    BinanceRoute("GET /sapi/v1/margin/interestHistory", .signed, 1, .wallet),
    BinanceRoute("GET /sapi/v1/margin/borrow-repay", .signed, 10, .wallet),
    BinanceRoute("GET /dapi/v1/ping", .none, 1, .coins),
    BinanceRoute("GET /dapi/v1/time", .none, 1, .coins),
    BinanceRoute("GET /dapi/v1/exchangeInfo", .none, 1, .coins),
    BinanceRoute("GET /dapi/v1/premiumIndex", .none, 10, .coins),
    BinanceRoute("GET /dapi/v1/ticker/24hr", .none, 1, .coins),
    BinanceRoute("GET /dapi/v1/account", .signed, 5, .coins),
    BinanceRoute("GET /dapi/v1/balance", .signed, 1, .coins),
    BinanceRoute("GET /dapi/v1/positionRisk", .signed, 1, .coins),
    BinanceRoute("GET /dapi/v1/userTrades", .signed, 20, .coins),
    BinanceRoute("GET /dapi/v1/income", .signed, 20, .coins),
    BinanceRoute("GET /dapi/v1/openOrders", .signed, 1, .coins),
    BinanceRoute("GET /dapi/v1/allOrders", .signed, 20, .coins),
    BinanceRoute("POST /dapi/v1/listenKey", .key, 1, .coins),
    BinanceRoute("PUT /dapi/v1/listenKey", .key, 1, .coins),
    BinanceRoute("DELETE /dapi/v1/listenKey", .key, 1, .coins),
  ]
}
