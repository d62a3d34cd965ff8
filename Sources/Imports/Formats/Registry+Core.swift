extension Registry {
  /// Formats of wallets, of Kraken, Koinly and BittyTax.
  static let core: [ImportFormat] = [
    .bittyTax, .krakenLedgers,
  ]
}
