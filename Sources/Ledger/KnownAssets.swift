/// What everybody agrees on: currencies of ISO 4217 and the coins of well-known chains, and which
/// venue codes mean them.
///
/// Only codes that no serious venue uses for anything else stand here. A code that is not here stays
/// the venue's own until the user links it.
public enum KnownAssets {
  /// The canonical asset of a recorded one, where it is beyond doubt.
  public static func canonical(_ asset: AssetID) -> AssetID? {
    guard case .venue(let venue, let code) = asset else { return nil }
    if let special = venueCodes[venue]?[code] { return named(special) }
    return named(code)
  }

  /// The short name of a chain's own coin.
  public static func ticker(ofChain chain: String) -> String? { tickersByChain[chain] }

  /// The short name of a well-known token.
  public static func ticker(of asset: AssetID) -> String? {
    guard case .contract("ethereum", let address) = asset else { return nil }
    return tokens[address]
  }

  /// Whether a code is a currency of ISO 4217 that venues trade.
  public static func isFiat(_ code: String) -> Bool { fiat.contains(code) }

  private static func named(_ code: String) -> AssetID? {
    if let chain = chains[code] { return .native(chain: chain) }
    if let contract = issued[code] { return .contract(chain: "ethereum", address: contract) }
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

  /// Tokens of one issuer, whose balance at a venue is the same claim whatever chain it came by; the
  /// contract of the issuer's first and largest issue stands for all.
  ///
  /// Tether: https://tether.to/en/supported-protocols, Circle:
  /// https://developers.circle.com/stablecoins/usdc-contract-addresses
  private static let issued: [String: String] = [
    "USDT": "0xdac17f958d2ee523a2206206994597c13d831ec7",
    "USDC": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
  ]

  /// Tokens on Ethereum by contract, to show a name; a venue's code never means a contract by itself.
  ///
  /// As https://etherscan.io/tokens lists them.
  private static let tokens: [String: String] = [
    "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC",
    "0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT",
    "0x6b175474e89094c44da98b954eedeac495271d0f": "DAI",
    "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599": "WBTC",
    "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": "WETH",
    "0x514910771af9ca656af840dff83e8264ecf986ca": "LINK",
    "0x1f9840a85d5af5bf1d1762f925bdaddc4201f984": "UNI",
    "0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9": "AAVE",
    "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2": "MKR",
    "0xc011a73ee8576fb46f5e1c5751ca3b9fe0af2a6f": "SNX",
    "0xd533a949740bb3306d119cc777fa900ba034cd52": "CRV",
    "0x4e3fbd56cd56c3e72c1403e103b45db9da5b9d2b": "CVX",
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
