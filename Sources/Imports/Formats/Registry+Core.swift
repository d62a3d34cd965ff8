extension Registry {
  /// Formats of wallets, of Kraken's ledgers, of Koinly's history and of BittyTax.
  static let core: [ImportFormat] = [
    .bittyTax, .electrum, .koinlyTransactions, .krakenLedgers, .ledgerLive, .trezorSuite,
  ]
}
