import Amounts
import Ledger
import Portfolio
import Prices
import Wire

extension EngineCore {
  func priceBoard(at now: Instant) -> PriceBoard? {
    guard let settlement, let figures else { return nil }
    return PriceBoard(settlement: settlement, figures: figures, now: now)
  }

  func askPrices(
    _ request: Request, _ errand: Errand, at now: Instant
  ) -> [EngineEffect] {
    guard let board = priceBoard(at: now) else { return [] }
    guard let text = request.arguments["asset"] else {
      return [.send(errand.client, .report(id: errand.id, board.prices))]
    }
    do throws(Refusal) {
      let report = board.sources(of: try priced(text))
      return [.send(errand.client, .report(id: errand.id, report))]
    } catch {
      return refuse(errand, error)
    }
  }

  /// An asset as typed: its identity, a well-known code, or a code that only one held asset has.
  private func priced(_ text: String) throws(Refusal) -> AssetID {
    guard let settlement else { throw Refusal(.locked, "the vault is locked") }
    if let asset = AssetID(text) { return settlement.links.canonical(asset) }
    let code = text.uppercased()
    let typed = AssetID.venue(venue: "user", code: code)
    let known = settlement.links.canonical(typed)
    if known != typed { return known }
    let found = settlement.heldAssets.filter { $0.ticker == code }
    guard let asset = found.first, found.count == 1 else {
      throw Refusal(
        found.isEmpty ? .notFound : .usage,
        found.isEmpty
          ? "nothing that you hold is called \(text.prefix(40))"
          : "\(text.prefix(40)) means more than one asset",
        advice: "Give an identity, as coffer positions shows them.")
    }
    return asset
  }

  /// The request with what the market says of the asset, which only the engine knows.
  func marked(_ request: Request, at now: Instant) -> Request {
    guard let settlement, let asset = try? priced(request.arguments["asset"] ?? ""),
      let currency = Currency(request.arguments["currency"] ?? ""),
      let known = settlement.quotes.valuation(of: asset, in: currency, at: now)
    else { return request }
    let hasMarket = known.confidence != .stale && known.confidence != .stated
    var arguments = request.arguments
    arguments["market-price"] = hasMarket ? "yes" : "no"
    arguments["last-price"] = known.price.text
    return Request(request.verb, arguments)
  }
}
