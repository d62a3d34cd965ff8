/// rotki's identifiers of assets: symbols, and CAIP-19 for tokens.
///
/// Sources: https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/utils.py,
/// https://github.com/ChainAgnostic/CAIPs/blob/main/CAIPs/caip-19.md; symbols from
/// https://github.com/rotki/rotki/blob/develop/rotkehlchen/constants/assets.py and each token's own
/// page at https://etherscan.io/tokens.
public enum RotkiAssets {
  /// The asset of an identifier; a token no symbol is known of is named by its address.
  ///
  /// - Parameter identifier: For example `BTC`, `ETH_MATIC` or `eip155:1/erc20:0xdAC1…`.
  /// - Returns: The code that other programs' files have for it, and its contract where it has one.
  public static func asset(_ identifier: String) -> NamedAsset {
    let identifier = identifiersOfNames[identifier] ?? identifier
    let parts = identifier.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let chain = chains[String(parts[0])],
      let address = parts[1].split(separator: ":", maxSplits: 1).dropFirst().first
    else { return NamedAsset(identifier) }
    let isEVM = parts[0].hasPrefix("eip155:")
    let contract = NamedAsset.Contract(
      chain: chain, address: isEVM ? address.lowercased() : String(address))
    let symbol = symbols[chain]?[contract.address]
    return NamedAsset(symbol ?? String(address), contract: contract)
  }

  /// An amount and the identifier of its asset from two columns.
  static func amount(
    _ row: Row, _ column: Column, of identifier: Column
  ) throws(RowFault) -> AssetQuantity {
    var amount = try row.amount(column, of: identifier)
    amount.asset = asset(amount.asset.code)
    return amount
  }

  /// The fee of a row of the generic formats; one without a currency is not understood.
  static func fee(of row: Row) throws(RowFault) -> AssetQuantity? {
    guard var fee = try row.optionalAmount("Fee", of: "Fee Currency") else { return nil }
    fee.asset = asset(fee.asset.code)
    return fee
  }
}

// MARK: - Tables

extension RotkiAssets {
  /// Names that rotki has for tokens whose symbol alone could be another asset's.
  private static let identifiersOfNames: [String: String] = [
    "ETH_MATIC": "eip155:1/erc20:0x7D1AfA7B718fb893dB30A3aBc0Cfc608AaCfeBB0",
    "ETH_POL": "eip155:1/erc20:0x455e53CBB86018Ac2B8092FdCd39d8444aFFC3F6",
    "ETH_EURE": "eip155:1/erc20:0x3231Cb76718CDeF2155FC47b5286d82e6eDA273f",
    "GRT_ARB": "eip155:42161/erc20:0x9623063377AD1B27544C965cCd7342f7EA7e88C7",
    "GNOSIS_COW": "eip155:100/erc20:0x177127622c4A00F3d409B75571e12cB3c8973d3c",
  ]

  /// Chains by their CAIP-2 identifiers.
  private static let chains: [String: String] = [
    "eip155:1": "ethereum", "eip155:10": "optimism", "eip155:56": "bnb-chain",
    "eip155:100": "gnosis", "eip155:137": "polygon", "eip155:250": "fantom",
    "eip155:324": "zksync", "eip155:8453": "base", "eip155:42161": "arbitrum",
    "eip155:42220": "celo", "eip155:43114": "avalanche", "eip155:59144": "linea",
    "eip155:534352": "scroll", "eip155:1101": "polygon-zkevm", "eip155:25": "cronos",
    "solana": "solana",
  ]

  /// Symbols of tokens that people name most, by chain and address.
  private static let symbols: [String: [String: String]] = [
    "ethereum": [
      "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC",
      "0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT",
      "0x6b175474e89094c44da98b954eedeac495271d0f": "DAI",
      "0x89d24a6b4ccb1b6faa2625fe562bdd9a23260359": "SAI",
      "0x4fabb145d64652a948d72533023f6e7a623c7c53": "BUSD",
      "0x0000000000085d4780b73119b644ae5ecd22b376": "TUSD",
      "0x056fd409e1d7a124bd7017459dfea2f387b6d5cd": "GUSD",
      "0x8e870d67f660d95d5be530380d0ec0bd388289e1": "PAX",
      "0x5f98805a4e8be255a32880fdec7f6728c6568ba0": "LUSD",
      "0x3231cb76718cdef2155fc47b5286d82e6eda273f": "EURE",
      "0x05ac103f68e05da35e78f6165b9082432fe64b58": "EURX",
      "0xb8c77482e45f1f44de1745f52c74426c631bdd52": "BNB",
      "0x1f9840a85d5af5bf1d1762f925bdaddc4201f984": "UNI",
      "0x514910771af9ca656af840dff83e8264ecf986ca": "LINK",
      "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599": "WBTC",
      "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": "WETH",
      "0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9": "AAVE",
      "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2": "MKR",
      "0xc00e94cb662c3520282e6f5717214004a7f26888": "COMP",
      "0x0bc529c00c6401aef6d220be8c6ea1667f6ad93e": "YFI",
      "0xd533a949740bb3306d119cc777fa900ba034cd52": "CRV",
      "0xc011a73ee8576fb46f5e1c5751ca3b9fe0af2a6f": "SNX",
      "0x6b3595068778dd592e39a122f4f5a5cf09c90fe2": "SUSHI",
      "0x111111111117dc0aa78b770fa6a738034120c302": "1INCH",
      "0xba100000625a3754423978a60c9317c58a424e3d": "BAL",
      "0xc944e90c64b2c07662a292be6244bdf05cda44a7": "GRT",
      "0x7d1afa7b718fb893db30a3abc0cfc608aacfebb0": "MATIC",
      "0x455e53cbb86018ac2b8092fdcd39d8444affc3f6": "POL",
      "0xb62132e35a6c13ee1ee0f84dc5d40bad8d815206": "NEXO",
      "0xe41d2489571d322189246dafa5ebde1f4699f498": "ZRX",
      "0x71ab77b7dbb4fa7e017bc15090b2163221420282": "HIGH",
      "0x0d8775f648430679a709e98d2b0cb6250d2887ef": "BAT",
      "0x0f5d2fb29fb7d3cfee444a200298f468908cc942": "MANA",
      "0xf629cbd94d3791c9250152bd8dfbdf380e2a3b9c": "ENJ",
      "0xbbbbca6a901c926f240b89eacb641d8aec7aeafd": "LRC",
      "0xd26114cd6ee289accf82350c8d8487fedb8a0c07": "OMG",
      "0xdd974d5c2e2928dea5f71b9825b8b646686bd200": "KNC",
      "0xbb0e17ef65f82ab018d8edd776e8dd940327b28b": "AXS",
      "0xa0b73e1ff0b80914ab6fe0444e65848c4c34450b": "CRO",
      "0xc18360217d8f7ab5e7c516566761ea12ce7f9d72": "ENS",
      "0xaaaebe6fe48e54f431b0c390cfaf0b017d09d42d": "CEL",
      "0xb4efd85c19999d84251304bda99e90b92300bd93": "RPL",
      "0x6810e776880c02933d47db1b9fc05908e5386b96": "GNO",
      "0xae7ab96520de3a18e5e111b5eaab095312d7fe84": "STETH",
    ],
    "optimism": ["0x4200000000000000000000000000000000000042": "OP"],
    "bnb-chain": [
      "0x23ce9e926048273ef83be0a3a8ba9cb6d45cd978": "DAR",
      "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c": "WBNB",
    ],
    "gnosis": [
      "0xe91d153e0b41518a2ce8dd3d7944fa863463a97d": "WXDAI",
      "0x177127622c4a00f3d409b75571e12cb3c8973d3c": "COW",
    ],
    "polygon": ["0x0000000000000000000000000000000000001010": "POL"],
    "arbitrum": [
      "0x912ce59144191c1204e64559fe8253a0e49e6548": "ARB",
      "0xfc5a1a6eb076a2c7ad06ed22c90d7e710e35ad0a": "GMX",
      "0x9623063377ad1b27544c965ccd7342f7ea7e88c7": "GRT",
    ],
  ]
}
