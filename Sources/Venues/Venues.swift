public import VenueKit

extension Venue {
  /// Every venue that Coffer knows, by id.
  ///
  /// One file a venue; a test holds that every file is listed here and has cases.
  public static let all: [Venue] = [
    .alpaca,
    .bitfinex,
    .bitso,
    .bitstamp,
    .bitvavo,
    .blockchaincom,
    .cex,
    .coinbase,
    .coinbaseexchange,
    .coinmate,
    .gemini,
    .hitbtc,
    .independentreserve,
    .kraken,
    .krakenfutures,
    .luno,
    .onetrading,
  ]

  /// The venue of an id.
  public static func named(_ id: String) -> Venue? { all.first { $0.id == id } }
}
