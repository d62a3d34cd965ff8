import Amounts
import Ledger

extension ImportFormat {
  /// Kraken's trades export: one row a fill.
  ///
  /// A row's `txid` is the `refid` of its two rows in the ledgers export. A fee is told in the
  /// quote's currency even where it was paid in the base: the ledgers export is exact.
  public static let krakenTrades = ImportFormat(
    id: "kraken-trades", name: "Kraken trades", venue: "kraken", defaultAccount: "Kraken",
    clock: .utc,
    sources: [
      "https://support.kraken.com/hc/en-us/articles/360001184886",
      "https://support.kraken.com/hc/en-us/articles/360001185506",
    ],
    header: .having([
      "txid", "ordertxid", "pair", "time", "type", "price", "cost", "fee", "vol",
    ]),
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try KrakenTrades.meaning(of: row) }
    })
}

/// What Kraken's trade rows mean.
private enum KrakenTrades {
  static func meaning(of row: Row) throws(RowFault) -> RowMeaning {
    let type = try row.text("type")
    guard ["buy", "sell"].contains(type) else { throw row.fault(.unknownKind, "type") }
    let time = try row.time("time", .iso, .unixSeconds)
    // With borrowed money nothing changes hands; gains and fees stand in the ledgers export.
    if let margin = try row.optionalSigned("margin"), !margin.isZero {
      return .skipped("on margin: the ledgers export has its gain and its fee")
    }
    guard let pair = KrakenPairs.split(try row.text("pair")) else {
      throw row.fault(.unknownKind, "pair")
    }
    let base = AssetQuantity(try row.magnitude("vol"), NamedAsset(pair.base))
    let quote = AssetQuantity(try row.magnitude("cost"), NamedAsset(pair.quote))
    let isBuy = type == "buy"
    var trade = ImportedTransaction(
      row: row.number, time: time, kind: .trade, incoming: isBuy ? base : quote,
      outgoing: isBuy ? quote : base)
    trade.fee =
      AssetQuantity(try row.optionalMagnitude("fee") ?? .zero, NamedAsset(pair.quote)).unlessZero
    trade.reference = row.optional("txid")
    return .transaction(trade)
  }
}

/// Kraken's names of markets: `XXBTZGBP`, `ADAEUR`, `ETH/USDT`.
enum KrakenPairs {
  /// The codes that everybody uses, of a market; `nil` where it ends in no known quote.
  static func split(_ text: String) -> MarketPair? {
    let found =
      MarketPair(marked: text)
      ?? MarketPair(joined: text, quotes: quotes) { base, quote in
        guard quote.utf8.count == 4, let mark = quote.first, "XZ".contains(mark) else {
          return true
        }
        // Codes of the old style come in pairs of four letters: `XTZEUR` is no `XT` in `ZEUR`.
        return base.utf8.count == 4
          && ("XZ".contains(base.prefix(1)) || oldStyleBases.contains(base))
      }
    return found.flatMap {
      MarketPair(marked: KrakenAssets.code($0.base) + "/" + KrakenAssets.code($0.quote))
    }
  }

  private static let oldStyleBases: Set<String> = ["USDT", "KFEE"]

  private static let quotes: [String] = [
    "EUROP", "PYUSD", "RLUSD", "USD1", "USDC", "USDD", "USDG", "USDQ", "USDR", "USDS", "USDT",
    "EURC", "EURQ", "EURR", "XETH", "XXBT", "ZAUD", "ZCAD", "ZEUR", "ZGBP", "ZJPY", "ZUSD", "AED",
    "ARS", "AUD", "BRL", "CAD", "CHF", "DAI", "DOT", "ETH", "EUR", "GBP", "JPY", "MXN", "POL",
    "SOL", "USD", "XBT", "BTC",
  ]
}
