extension Registry {
  /// Formats of trading venues.
  static let venues: [ImportFormat] = [
    .binanceDeposits,
    .binanceHistory,
    .binanceTrades,
    .binanceTransfers,
    .binanceWithdrawals,
    .bisq,
    .bitfinexLedger,
    .bitfinexMovements,
    .bitfinexTrades,
    .bitstamp,
    .coinbase,
    .coinbasePro,
    .coinbaseProFills,
    .coinbaseProStatement,
    .coinbaseTransfers,
    .coinbaseWallet,
    .cryptoComApp,
    .huobiTrades,
    .krakenTrades,
    .shapeShift,
  ]
}
