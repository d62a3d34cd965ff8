import Ledger

/// One asset of the demonstration.
struct DemoAsset: Sendable {
  /// Its code, as the simulated venues call it.
  let code: String
  /// What it is.
  let asset: AssetID
  /// Its first price in US dollars.
  let price: Double
  /// The standard deviation of its daily return.
  let volatility: Double
  /// How much of it follows the market.
  let beta: Double
  /// The group whose factor it shares.
  let group: Int
  /// How much of it the holder has in all.
  let quantity: String
}

extension DemoAsset {
  /// Makes an asset: a chain's own coin, or a token.
  ///
  /// A token that everybody knows is that token, as prices and holdings of it are; the others are
  /// known to the simulated venues only.
  fileprivate init(
    _ code: String, chain: String? = nil, _ price: Double, _ volatility: Double, _ beta: Double,
    _ group: Int, _ quantity: String
  ) {
    self.init(
      code: code,
      asset: chain.map { .native(chain: $0) }
        ?? AssetLinks().canonical(.venue(venue: "simulated", code: code)),
      price: price, volatility: volatility, beta: beta, group: group, quantity: quantity)
  }

  /// The sixty assets.
  ///
  /// Prices are of the order that such assets once had; they are not quotations.
  static let all: [DemoAsset] = [
    DemoAsset("BTC", chain: "bitcoin", 67412.5, 0.028, 1.00, 0, "3.2"),
    DemoAsset("ETH", chain: "ethereum", 3512.2, 0.036, 1.15, 1, "48"),
    DemoAsset("SOL", chain: "solana", 152.38, 0.048, 1.35, 1, "620"),
    DemoAsset("BNB", chain: "bnb-chain", 588.1, 0.032, 0.95, 2, "91"),
    DemoAsset("XRP", chain: "xrp-ledger", 0.5218, 0.040, 0.90, 3, "40250"),
    DemoAsset("ADA", chain: "cardano", 0.446, 0.042, 1.10, 1, "41000"),
    DemoAsset("AVAX", chain: "avalanche", 35.91, 0.050, 1.30, 1, "980"),
    DemoAsset("DOT", chain: "polkadot", 7.014, 0.044, 1.15, 1, "3120"),
    DemoAsset("DOGE", chain: "dogecoin", 0.1612, 0.055, 1.20, 4, "52000"),
    DemoAsset("TRX", chain: "tron", 0.1184, 0.030, 0.70, 3, "61000"),
    DemoAsset("LTC", chain: "litecoin", 83.75, 0.036, 0.95, 3, "51.2"),
    DemoAsset("BCH", chain: "bitcoin-cash", 452.6, 0.042, 1.00, 3, "11.5"),
    DemoAsset("XLM", chain: "stellar", 0.1071, 0.040, 0.90, 3, "48000"),
    DemoAsset("ATOM", chain: "cosmos-hub", 8.61, 0.046, 1.15, 1, "1240"),
    DemoAsset("NEAR", chain: "near", 6.92, 0.054, 1.30, 1, "1500"),
    DemoAsset("APT", chain: "aptos", 9.14, 0.054, 1.30, 1, "800"),
    DemoAsset("SUI", chain: "sui", 1.084, 0.060, 1.35, 1, "9000"),
    DemoAsset("ICP", chain: "internet-computer", 12.31, 0.056, 1.25, 1, "420"),
    DemoAsset("FIL", chain: "filecoin", 5.88, 0.052, 1.20, 5, "900"),
    DemoAsset("HBAR", chain: "hedera", 0.0981, 0.050, 1.10, 1, "42000"),
    DemoAsset("VET", chain: "vechain", 0.0342, 0.048, 1.10, 1, "88000"),
    DemoAsset("ALGO", chain: "algorand", 0.1793, 0.048, 1.10, 1, "21000"),
    DemoAsset("XTZ", chain: "tezos", 0.942, 0.046, 1.05, 1, "4200"),
    DemoAsset("EGLD", chain: "multiversx", 40.2, 0.050, 1.15, 1, "75"),
    DemoAsset("XMR", chain: "monero", 131.4, 0.034, 0.75, 6, "38"),
    DemoAsset("ZEC", chain: "zcash", 23.6, 0.046, 0.90, 6, "120"),
    DemoAsset("ETC", chain: "ethereum-classic", 27.9, 0.046, 1.05, 1, "160"),
    DemoAsset("KAS", chain: "kaspa", 0.1287, 0.058, 1.10, 3, "34000"),
    DemoAsset("TON", chain: "ton", 7.25, 0.048, 0.95, 1, "860"),
    DemoAsset("INJ", chain: "injective", 25.4, 0.058, 1.30, 7, "140"),
    DemoAsset("TIA", chain: "celestia", 9.77, 0.062, 1.35, 1, "390"),
    DemoAsset("SEI", chain: "sei", 0.512, 0.062, 1.35, 1, "5200"),
    DemoAsset("STX", chain: "stacks", 2.11, 0.056, 1.25, 1, "1300"),
    DemoAsset("KSM", chain: "kusama", 29.8, 0.048, 1.10, 1, "60"),
    DemoAsset("DASH", chain: "dash", 28.4, 0.040, 0.85, 6, "44"),
    DemoAsset("USDC", 1.0, 0.0003, 0.0, 8, "120543"),
    DemoAsset("USDT", 1.0, 0.0003, 0.0, 8, "64200"),
    DemoAsset("DAI", 0.9998, 0.0004, 0.0, 8, "30150"),
    DemoAsset("LINK", 14.82, 0.046, 1.15, 7, "2140"),
    DemoAsset("UNI", 7.93, 0.052, 1.20, 7, "1620"),
    DemoAsset("AAVE", 92.4, 0.052, 1.15, 7, "148"),
    DemoAsset("MKR", 2460.0, 0.044, 0.95, 7, "6.1"),
    DemoAsset("LDO", 1.94, 0.060, 1.25, 7, "4100"),
    DemoAsset("CRV", 0.432, 0.060, 1.20, 7, "9800"),
    DemoAsset("COMP", 56.3, 0.052, 1.10, 7, "85"),
    DemoAsset("SNX", 2.61, 0.056, 1.20, 7, "1700"),
    DemoAsset("GRT", 0.2412, 0.056, 1.20, 7, "15500"),
    DemoAsset("ARB", 1.082, 0.056, 1.30, 1, "6100"),
    DemoAsset("OP", 2.514, 0.056, 1.30, 1, "2480"),
    DemoAsset("MATIC", 0.712, 0.048, 1.15, 1, "9900"),
    DemoAsset("IMX", 2.02, 0.058, 1.25, 9, "1900"),
    DemoAsset("SAND", 0.438, 0.054, 1.20, 9, "8800"),
    DemoAsset("MANA", 0.431, 0.054, 1.20, 9, "8100"),
    DemoAsset("AXS", 7.36, 0.054, 1.20, 9, "520"),
    DemoAsset("PEPE", 0.0000118, 0.080, 1.50, 4, "310000000"),
    DemoAsset("SHIB", 0.0000241, 0.060, 1.25, 4, "150000000"),
    DemoAsset("WIF", 2.74, 0.085, 1.50, 4, "1150"),
    DemoAsset("FET", 2.21, 0.064, 1.30, 7, "1600"),
    DemoAsset("JUP", 1.03, 0.064, 1.30, 7, "3600"),
    DemoAsset("PYTH", 0.412, 0.066, 1.30, 7, "7300"),
  ]

  /// How many groups there are.
  static let groups = 10
}
