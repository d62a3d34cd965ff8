import Amounts
import Ledger
import Portfolio
import Prices
import Wire

/// How far assets that are to be worth one of a currency are from it.
///
/// They are valued at market like everything else. An asset is off its peg from 50 basis points on,
/// the bound that books of funds use, and until it is within 25 again.
struct PegDesk: Sendable {
  /// How an asset stands to its peg.
  struct Peg: Hashable, Sendable {
    let asset: AssetID
    /// What one of it is to be worth.
    let currency: Currency
    let price: Price
    /// Ten-thousandths above the peg; below, less than zero.
    let basisPoints: Int64
    /// Since when it is off; `nil` while it is not.
    let since: Instant?
    let confidence: Confidence
    /// When the price was last said.
    let time: Instant
  }

  /// From when on an asset is off, and below what it is back, in basis points.
  static let offPoints: Int64 = 50
  static let backPoints: Int64 = 25

  /// The assets that are pegged, with their currencies; a code that only venues know is none.
  static let pegged: [AssetID: Currency] = {
    var pegged: [AssetID: Currency] = [:]
    for code in KnownAssets.dollarCoins {
      guard let currency = Currency(code), case let asset = QuoteBoard.asset(of: currency),
        asset != .fiat(code: code)
      else { continue }
      pegged[asset] = .usDollar
    }
    return pegged
  }()

  private(set) var pegs: [AssetID: Peg] = [:]

  /// Looks at what they cost now.
  ///
  /// - Returns: Whether a figure is another one.
  mutating func look(_ settlement: Settlement, at now: Instant) -> Bool {
    var hasChanged = false
    for (asset, currency) in PegDesk.pegged where settlement.isQuoted(asset) {
      guard let price = settlement.quotes.valuation(of: asset, in: currency, at: now),
        let points = PegDesk.points(price.price)
      else { continue }
      let old = pegs[asset]
      let isOff = abs(points) >= (old?.since == nil ? PegDesk.offPoints : PegDesk.backPoints)
      let isKnown = price.confidence != .stale && price.confidence != .stated
      let since = isKnown ? isOff ? old?.since ?? now : nil : old?.since
      let new = Peg(
        asset: asset, currency: currency, price: price.price, basisPoints: points, since: since,
        confidence: price.confidence, time: price.time)
      if old?.basisPoints != points || old?.since != since || old?.confidence != new.confidence {
        hasChanged = true
      }
      pegs[asset] = new
    }
    return hasChanged
  }

  private static func points(_ price: Price) -> Int64? {
    guard let gap = try? price.fixed.subtracting(.one),
      let scaled = try? gap.multiplied(by: Fixed(whole: 10_000), rounding: .halfEven)
    else { return nil }
    let half = scaled.units < 0 ? -Fixed.scale / 2 : Fixed.scale / 2
    return Int64(clamping: (scaled.units + half) / Fixed.scale)
  }

  /// The board of pegs.
  var report: Report {
    Report(
      facts: [.init("alarm_basis_points", .integer(PegDesk.offPoints))], tableName: "pegs",
      columns: [
        "asset", "peg", "price", "deviation_bp", "off_since", "confidence", "price_time",
        "identity",
      ],
      rows: pegs.values.sorted { $0.asset < $1.asset }.map { peg in
        [
          .text(peg.asset.ticker), .text(peg.currency.code), .amount(peg.price.fixed),
          .integer(peg.basisPoints), peg.since.map { .text($0.description) } ?? .none,
          .text(peg.confidence.text), .text(peg.time.description), .text(peg.asset.text),
        ]
      })
  }
}
