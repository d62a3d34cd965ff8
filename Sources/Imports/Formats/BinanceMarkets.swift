import Amounts
import Ledger

/// What Binance's exports have in common: codes of assets, markets, times.
enum Binance {
  /// The asset of one of Binance's codes.
  ///
  /// `LDBTC` is bitcoin lent in Simple Earn; BETH is the receipt for staked ether.
  static func asset(_ code: String) -> NamedAsset {
    let code = code.uppercased()
    if code == "BETH" { return NamedAsset("ETH2") }
    if code.hasPrefix("LD"), code.utf8.count > 4 {
      return NamedAsset(String(code.dropFirst(2)))
    }
    return NamedAsset(code)
  }

  /// The amount under the asset's code.
  static func amount(_ amount: AssetQuantity) -> AssetQuantity {
    AssetQuantity(amount.quantity, asset(amount.asset.code))
  }

  /// The market of a name without a mark: `BTCUSDT`.
  static func market(_ text: String) -> MarketPair? {
    MarketPair(marked: text)
      ?? MarketPair(joined: text.uppercased(), quotes: quotes) { base, quote in
        // ADAEUR is ADA in EUR, not AD in AEUR.
        quote != "AEUR" || ["BTC", "ETH", "EUR", "BNB"].contains(base)
      }
  }

  private static let quotes: [String] = [
    "FDUSD", "AEUR", "BIDR", "BKRW", "BUSD", "BVND", "DOGE", "EURI", "GYEN", "IDRT", "TUSD",
    "USD1", "USDC", "USDP", "USDS", "USDT", "ARS", "AUD", "BNB", "BRL", "BTC", "COP", "CZK",
    "DAI", "DOT", "ETH", "EUR", "GBP", "IDR", "INR", "JPY", "KRW", "MXN", "NGN", "PAX", "PLN",
    "RON", "RUB", "SOL", "TRX", "TRY", "UAH", "UST", "VAI", "XMR", "XRP", "ZAR",
  ]

  /// The column of a header that holds the time, and how its times are meant.
  struct Clock: Sendable {
    /// The column.
    let column: Column
    /// The zone of its times.
    let zone: any LocalZone

    /// Finds the column: `UTC_Time`, `Date(UTC)`, `Date(UTC+8)`, or `Time`, which is in the zone
    /// that the file's name or the user tells.
    init?(_ header: Header, _ settings: ImportSettings) {
      for name in header.columns {
        guard let words = Clock.names.first(where: { name.hasPrefix($0) }) else { continue }
        let rest = name.dropFirst(words.count)
        guard rest.isEmpty || rest.hasPrefix("(utc") else { continue }
        column = .named(name)
        if name == "utc_time" {
          zone = UTCZone()
        } else if !rest.isEmpty {
          zone = FixedZone(name) ?? UTCZone()
        } else {
          zone = FixedZone(settings.fileName.lowercased()) ?? settings.zone
        }
        return
      }
      return nil
    }

    private static let names = ["utc_time", "date", "time", "durée"]

    /// Reads a row's time; newer files write two digits of the year.
    func time(of row: Row) throws(RowFault) -> Instant {
      try row.time(column, .iso, .pattern("yy-MM-dd HH:mm[:ss]"), zone: zone)
    }
  }

  /// A zone of one offset, as files say it: `(UTC+8)`.
  struct FixedZone: LocalZone {
    private let offsetMinutes: Int64
    let name: String

    /// Finds an offset in a text in lower case; `nil` where there is none.
    init?(_ text: String) {
      guard let start = text.firstRange(of: "(utc") else { return nil }
      let rest = text[start.upperBound...]
      guard let end = rest.firstIndex(of: ")") else { return nil }
      let offset = rest[..<end]
      if offset.isEmpty || offset == "null" {
        (offsetMinutes, name) = (0, "UTC")
        return
      }
      guard let sign = offset.first, "+-".contains(sign) else { return nil }
      // A file's name has `UTC--6` for UTC-6.
      let parts = offset.drop { "+-".contains($0) }.split(separator: ":").map { Int64($0) }
      guard let hours = parts.first ?? nil, (0...14).contains(hours), parts.count <= 2 else {
        return nil
      }
      let minutes = parts.count == 2 ? parts[1] ?? 0 : 0
      offsetMinutes = (hours * 60 + minutes) * (sign == "-" ? -1 : 1)
      name = "UTC" + offset
    }

    func instants(showing civil: CivilTime) -> [Instant] {
      [civil.utc.advanced(bySeconds: -offsetMinutes * 60)]
    }
  }
}
