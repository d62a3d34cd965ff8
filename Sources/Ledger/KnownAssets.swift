/// What everybody agrees on: currencies of ISO 4217, the coins of well-known chains and well-known
/// tokens, and which venue codes mean them.
///
/// Only codes that no serious venue uses for anything else stand here. A code that is not here stays
/// the venue's own until the user links it.
public enum KnownAssets {
  /// The canonical asset of a recorded one, where it is beyond doubt.
  public static func canonical(_ asset: AssetID) -> AssetID? {
    guard case .venue(let venue, let code) = asset else {
      guard let first = firstIssue(of: asset), first != asset else { return nil }
      return first
    }
    if let special = venueCodes[venue]?[code] { return named(special) }
    return named(code)
  }

  /// The short name of a chain's own coin.
  public static func ticker(ofChain chain: String) -> String? { tickersByChain[chain] }

  /// The short name of a well-known token.
  public static func ticker(of asset: AssetID) -> String? { token(asset)?.symbol }

  /// Whether a code is a currency of ISO 4217 that venues trade.
  public static func isFiat(_ code: String) -> Bool { fiat.contains(code) }

  private static func named(_ code: String) -> AssetID? {
    if let chain = chains[code] { return .native(chain: chain) }
    if let token = issued[code] { return token }
    return fiat.contains(code) ? .fiat(code: code) : nil
  }

  private static let fiat: Set<String> = [
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR",
    "GBP", "GEL", "GHS", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "KZT",
    "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RON", "RUB", "SAR", "SEK",
    "SGD", "THB", "TRY", "TWD", "UAH", "UGX", "USD", "UYU", "VND", "ZAR",
  ]

  /// Coins of chains by the code that venues use (SLIP-0044 registers most of them:
  /// https://github.com/satoshilabs/slips/blob/master/slip-0044.md).
  private static let chains: [String: String] = [
    "BTC": "bitcoin", "XBT": "bitcoin", "ETH": "ethereum", "LTC": "litecoin", "DOGE": "dogecoin",
    "XDG": "dogecoin", "BCH": "bitcoin-cash", "BSV": "bitcoin-sv", "XMR": "monero",
    "ZEC": "zcash", "DASH": "dash", "ETC": "ethereum-classic", "XRP": "xrp-ledger",
    "XLM": "stellar", "ADA": "cardano", "DOT": "polkadot", "KSM": "kusama", "SOL": "solana",
    "ATOM": "cosmos-hub", "ALGO": "algorand", "XTZ": "tezos", "TRX": "tron", "NEAR": "near",
    "AVAX": "avalanche", "FIL": "filecoin", "BNB": "bnb-chain", "EOS": "eos", "IOTA": "iota",
    "NEO": "neo", "VET": "vechain", "HBAR": "hedera", "ICP": "internet-computer", "APT": "aptos",
    "SUI": "sui", "TON": "ton", "XNO": "nano", "DCR": "decred", "ZEN": "horizen",
    "QTUM": "qtum", "WAVES": "waves", "EGLD": "multiversx", "STX": "stacks", "CFX": "conflux",
    "KAS": "kaspa", "SEI": "sei", "TIA": "celestia", "INJ": "injective", "OSMO": "osmosis",
    "XEC": "ecash", "RVN": "ravencoin", "DGB": "digibyte", "LSK": "lisk", "NANO": "nano",
  ]

  /// Codes that only one venue uses, as the code everybody uses.
  ///
  /// Kraken: https://support.kraken.com/hc/en-us/articles/360001185506
  private static let venueCodes: [String: [String: String]] = [
    "kraken": [
      "XXBT": "BTC", "XETH": "ETH", "XLTC": "LTC", "XXDG": "DOGE", "XXRP": "XRP", "XXLM": "XLM",
      "XXMR": "XMR", "XZEC": "ZEC", "XETC": "ETC", "ZEUR": "EUR", "ZUSD": "USD", "ZGBP": "GBP",
      "ZCAD": "CAD", "ZJPY": "JPY", "ZAUD": "AUD",
    ]
  ]

  private static let tickersByChain: [String: String] = {
    var found: [String: String] = [:]
    let aliases: Set<String> = ["XBT", "XDG", "NANO"]
    for (code, chain) in chains where !aliases.contains(code) { found[chain] = code }
    return found
  }()
}
