/// A token that is beyond doubt: which contract it is, what everybody calls it, how it is divided.
public struct KnownToken: Hashable, Sendable {
  /// The chain, as in assets.
  public let chain: String
  /// The contract as its chain writes it; on chains made like Ethereum with its EIP-55 checksum.
  public let address: String
  /// What everybody calls it.
  public let symbol: String
  /// How many decimals a unit has.
  public let decimals: Int
  /// Whether its issuer itself issues it on this chain, so that it is one claim with what the issuer
  /// has elsewhere; a bridge's copy is not.
  public let isIssue: Bool

  /// The asset; on chains made like Ethereum addresses of assets are in lower case.
  public var asset: AssetID {
    let isHexadecimal = address.hasPrefix("0x")
    return .contract(chain: chain, address: isHexadecimal ? address.lowercased() : address)
  }
}

extension KnownAssets {
  /// The well-known tokens of a chain, in the order in which they are asked for.
  public static func tokens(of chain: String) -> [KnownToken] {
    knownTokens.filter { $0.chain == chain }
  }

  /// Every well-known token, in order of chain.
  public static let knownTokens: [KnownToken] =
    ethereum + arbitrum + base + optimism + polygon + avalanche + bnbChain + elsewhere

  /// The well-known token that an asset is.
  public static func token(_ asset: AssetID) -> KnownToken? { tokensByAsset[asset] }

  /// The issuer's first issue of what an asset is another issue of.
  static func firstIssue(of asset: AssetID) -> AssetID? {
    guard let token = tokensByAsset[asset], token.isIssue else { return nil }
    return issued[token.symbol]
  }

  private static let tokensByAsset: [AssetID: KnownToken] = Dictionary(
    knownTokens.map { ($0.asset, $0) }, uniquingKeysWith: { first, _ in first })

  /// What codes mean that serious venues use for one token only: the issuer's first and largest
  /// issue, or the contract that the token's own project names.
  ///
  /// A venue's balance in such a code and a wallet's in the contract are one position. Rows of the
  /// tables above each other in this file name the sources of the contracts.
  static let issued: [String: AssetID] = {
    let codes: Set<String> = [
      "USDT", "USDC", "DAI", "WBTC", "LINK", "UNI", "AAVE", "MKR", "SNX", "CRV", "LDO", "COMP",
      "ENS", "GRT", "SHIB", "PEPE", "PYUSD", "EURC",
    ]
    var found: [String: AssetID] = [:]
    for token in ethereum where codes.contains(token.symbol) { found[token.symbol] = token.asset }
    // Both are native to their own chain.
    for token in arbitrum where token.symbol == "ARB" { found["ARB"] = token.asset }
    for token in optimism where token.symbol == "OP" { found["OP"] = token.asset }
    return found
  }()

  // MARK: Tables
  //
  // Issuers' own lists: https://developers.circle.com/stablecoins/usdc-contract-addresses,
  // https://developers.circle.com/stablecoins/eurc-contract-addresses and
  // https://tether.to/en/supported-protocols. All others as their chain's explorer and
  // https://github.com/Uniswap/default-token-list (src/tokens) list them.

  private static func token(
    _ chain: String, _ symbol: String, _ decimals: Int, _ address: String
  ) -> KnownToken {
    KnownToken(chain: chain, address: address, symbol: symbol, decimals: decimals, isIssue: false)
  }

  private static func issue(
    _ chain: String, _ symbol: String, _ decimals: Int, _ address: String
  ) -> KnownToken {
    KnownToken(chain: chain, address: address, symbol: symbol, decimals: decimals, isIssue: true)
  }

  /// As https://etherscan.io/tokens lists them.
  private static let ethereum: [KnownToken] = [
    issue("ethereum", "USDC", 6, "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
    issue("ethereum", "USDT", 6, "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    token("ethereum", "DAI", 18, "0x6B175474E89094C44Da98b954EedeAC495271d0F"),
    token("ethereum", "WBTC", 8, "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"),
    token("ethereum", "WETH", 18, "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"),
    token("ethereum", "LINK", 18, "0x514910771AF9Ca656af840dff83E8264EcF986CA"),
    token("ethereum", "UNI", 18, "0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984"),
    token("ethereum", "AAVE", 18, "0x7Fc66500c84A76Ad7e9c93437bFc5Ac33E2DDaE9"),
    token("ethereum", "MKR", 18, "0x9f8F72aA9304c8B593d555F12eF6589cC3A579A2"),
    token("ethereum", "SNX", 18, "0xC011a73ee8576Fb46F5E1c5751cA3B9Fe0af2a6F"),
    token("ethereum", "CRV", 18, "0xD533a949740bb3306d119CC777fa900bA034cd52"),
    token("ethereum", "CVX", 18, "0x4e3FBD56CD56c3e72c1403e103b45Db9da5B9D2B"),
    token("ethereum", "LDO", 18, "0x5A98FcBEA516Cf06857215779Fd812CA3beF1B32"),
    token("ethereum", "COMP", 18, "0xc00e94Cb662C3520282E6f5717214004A7f26888"),
    token("ethereum", "ENS", 18, "0xC18360217D8F7Ab5e7c516566761Ea12Ce7F9D72"),
    token("ethereum", "GRT", 18, "0xc944E90C64B2c07662A292be6244BDf05Cda44a7"),
    token("ethereum", "SHIB", 18, "0x95aD61b0a150d79219dCF64E1E6Cc01f0B64C4cE"),
    token("ethereum", "PEPE", 18, "0x6982508145454Ce325dDbE47a25d4ec3d2311933"),
    token("ethereum", "cbBTC", 8, "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"),
    token("ethereum", "PYUSD", 6, "0x6c3ea9036406852006290770BEdFcAbA0e23A0e8"),
    issue("ethereum", "EURC", 6, "0x1aBaEA1f7C830bD89Acc67eC4af516284b1bC33c"),
    token("ethereum", "USDe", 18, "0x4c9EDD5852cd905f086C759E8383e09bff1E68B3"),
  ]

  /// As https://arbiscan.io/tokens lists them; USDC.e is the bridge's copy.
  private static let arbitrum: [KnownToken] = [
    issue("arbitrum", "USDC", 6, "0xaf88d065e77c8cC2239327C5EDb3A432268e5831"),
    token("arbitrum", "USDC.e", 6, "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8"),
    token("arbitrum", "USDT", 6, "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9"),
    token("arbitrum", "DAI", 18, "0xDA10009cBd5D07dd0CeCc66161FC93D7c9000da1"),
    token("arbitrum", "WETH", 18, "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1"),
    token("arbitrum", "WBTC", 8, "0x2f2a2543B76A4166549F7aaB2e75Bef0aefC5B0f"),
    token("arbitrum", "cbBTC", 8, "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"),
    token("arbitrum", "ARB", 18, "0x912CE59144191C1204E64559FE8253a0e49E6548"),
    token("arbitrum", "GMX", 18, "0xfc5A1A6EB076a2C7aD06eD22C90d7E710E35ad0a"),
  ]

  /// As https://basescan.org/tokens lists them; USDbC is the bridge's copy.
  private static let base: [KnownToken] = [
    issue("base", "USDC", 6, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"),
    token("base", "USDbC", 6, "0xd9aAEc86B65D86f6A7B5B1b0c42FFA531710b6CA"),
    issue("base", "EURC", 6, "0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42"),
    token("base", "USDT", 6, "0xfde4C96c8593536E31F229EA8f37b2ADa2699bb2"),
    token("base", "DAI", 18, "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb"),
    token("base", "WETH", 18, "0x4200000000000000000000000000000000000006"),
    token("base", "cbBTC", 8, "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"),
    token("base", "AERO", 18, "0x940181a94A35A4569E4529A3CDfB74e38FD98631"),
  ]

  /// As https://github.com/ethereum-optimism/ethereum-optimism.github.io (data) lists them.
  private static let optimism: [KnownToken] = [
    issue("optimism", "USDC", 6, "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85"),
    token("optimism", "USDC.e", 6, "0x7F5c764cBc14f9669B88837ca1490cCa17c31607"),
    token("optimism", "USDT", 6, "0x94b008aA00579c1307B0EF2c499aD98a8ce58e58"),
    token("optimism", "DAI", 18, "0xDA10009cBd5D07dd0CeCc66161FC93D7c9000da1"),
    token("optimism", "WETH", 18, "0x4200000000000000000000000000000000000006"),
    token("optimism", "WBTC", 8, "0x68f180fcCe6836688e9084f035309E29Bf0A2095"),
    token("optimism", "OP", 18, "0x4200000000000000000000000000000000000042"),
  ]

  /// As https://polygonscan.com/tokens lists them; USDC.e is the bridge's copy.
  private static let polygon: [KnownToken] = [
    issue("polygon", "USDC", 6, "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359"),
    token("polygon", "USDC.e", 6, "0x2791Bca1f2de4661ED88A30C99A7a9449Aa84174"),
    token("polygon", "USDT", 6, "0xc2132D05D31c914a87C6611C10748AEb04B58e8F"),
    token("polygon", "DAI", 18, "0x8f3Cf7ad23Cd3CaDbD9735AFf958023239c6A063"),
    token("polygon", "WETH", 18, "0x7ceB23fD6bC0adD59E62ac25578270cFf1b9f619"),
    token("polygon", "WBTC", 8, "0x1BFD67037B42Cf73acF2047067bd4F2C47D9BfD6"),
    token("polygon", "LINK", 18, "0x53E0bca35eC356BD5ddDFebbD1Fc0fD03FaBad39"),
    token("polygon", "AAVE", 18, "0xD6DF932A45C0f255f85145f286eA0b292B21C90B"),
  ]

  /// As https://snowtrace.io/tokens lists them.
  private static let avalanche: [KnownToken] = [
    issue("avalanche", "USDC", 6, "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E"),
    issue("avalanche", "USDT", 6, "0x9702230A8Ea53601f5cD2dc00fDBc13d4dF4A8c7"),
    issue("avalanche", "EURC", 6, "0xC891EB4cbdEFf6e073e859e987815Ed1505c2ACD"),
    token("avalanche", "DAI.e", 18, "0xd586E7F844cEa2F87f50152665BCbc2C279D8d70"),
    token("avalanche", "WETH.e", 18, "0x49D5c2BdFfac6CE2BFdB6640F4F80f226bc10bAB"),
    token("avalanche", "BTC.b", 8, "0x152b9d0FdC40C096757F570A51E494bd4b943E50"),
    token("avalanche", "WAVAX", 18, "0xB31f66AA3C1e785363F0875A1B74E27b85FD66c7"),
  ]

  /// As https://bscscan.com/tokens lists them; the dollars there are Binance's own pegs, with 18
  /// decimals.
  private static let bnbChain: [KnownToken] = [
    token("bnb-chain", "USDT", 18, "0x55d398326f99059fF775485246999027B3197955"),
    token("bnb-chain", "USDC", 18, "0x8AC76a51cc950d9822D68b83fE1Ad97B32Cd580d"),
    token("bnb-chain", "WBNB", 18, "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c"),
  ]

  /// Issues on chains whose servers list an address's tokens by themselves.
  private static let elsewhere: [KnownToken] = [
    issue("solana", "USDC", 6, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"),
    issue("solana", "USDT", 6, "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB"),
    issue("solana", "EURC", 6, "HzwqbKZw8HxMN6bF2yFZNrht3c2iXXzpKcFu7uBEDKtr"),
    issue("tron", "USDT", 6, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    issue("stellar", "USDC", 7, "USDC-GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN"),
  ]
}
