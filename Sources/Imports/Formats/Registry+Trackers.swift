extension Registry {
  /// Formats of portfolio trackers and of block explorers.
  static let trackers: [ImportFormat] = [
    .bitcoinTax,
    .blockFiTransactions,
    .blockpit,
    .coinTracker,
    .coinTrackerUniversal,
    .coinTracking,
    .coinTrackingTradeList,
    .etherscanERC20,
    .etherscanInternal,
    .etherscanTransactions,
    .koinlyBulkEdit,
    .koinlyUniversal,
    .nexo,
    .rotkiGenericEvents,
    .rotkiGenericTrades,
    .uphold,
  ]
}
