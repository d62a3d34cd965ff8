extension AssetID {
  /// The chain it lives on; `nil` for a currency and for what only a venue knows.
  public var chain: String? {
    switch self {
    case .native(let chain), .contract(let chain, _): chain
    case .fiat, .venue: nil
    }
  }

  /// Who must pay for it to keep its value; `nil` where nobody must.
  public var issuer: String? { AssetID.issuers[ticker] }

  /// Issuers of money-like and wrapped tokens, as they name themselves: https://tether.to,
  /// https://www.circle.com, https://paxos.com, https://www.bitgo.com, https://sky.money,
  /// https://www.ethena.fi, https://lido.fi, https://www.coinbase.com/cbbtc.
  private static let issuers: [String: String] = [
    "USDT": "Tether", "USDC": "Circle", "EURC": "Circle", "DAI": "Sky", "USDS": "Sky",
    "USDP": "Paxos", "PYUSD": "Paxos", "PAXG": "Paxos", "BUSD": "Paxos", "FDUSD": "First Digital",
    "TUSD": "TrueUSD", "WBTC": "BitGo", "CBBTC": "Coinbase", "CBETH": "Coinbase", "USDE": "Ethena",
    "STETH": "Lido", "WSTETH": "Lido", "XAUT": "Tether",
  ]
}
