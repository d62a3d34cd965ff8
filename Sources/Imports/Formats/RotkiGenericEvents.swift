import Amounts
import Ledger

extension ImportFormat {
  /// rotki's format for events of any source; assets are named by rotki's identifiers.
  public static let rotkiGenericEvents = ImportFormat(
    id: "rotki-generic-events", name: "rotki generic events", venue: "rotki",
    defaultAccount: "rotki", clock: .utc,
    sources: [
      "https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/importers/rotki_events.py"
    ],
    header: .having([
      "Type", "Location", "Currency", "Amount", "Fee", "Fee Currency", "Description", "Timestamp",
    ]),
    rowsMayEndEarly: true,
    makeDecoder: { _, _ in
      SingleRowDecoder { row throws(RowFault) in try rotkiEvent(row) }
    })

  private static let rotkiReceipts: [String: EntryKind] = [
    "deposit": .deposit, "income": .receive, "staking": .staking,
  ]

  private static let rotkiPayments: [String: EntryKind] = [
    "withdrawal": .withdrawal, "loss": .spend, "spend": .spend,
  ]

  /// An event, and its fee as an event of its own.
  private static func rotkiEvent(_ row: Row) throws(RowFault) -> RowMeaning {
    let type = try row.text("Type").lowercased()
    let receipt = rotkiReceipts[type]
    guard let kind = receipt ?? rotkiPayments[type] else { throw row.fault(.unknownKind, "Type") }
    let amount = try RotkiAssets.amount(row, "Amount", of: "Currency")
    var event = ImportedTransaction(
      row: row.number, time: try row.time("Timestamp", .unixMilliseconds), kind: kind)
    event.account = row.optional("Location")
    event.note = row.optional("Description")
    var alone = event
    if receipt == nil { event.outgoing = amount } else { event.incoming = amount }
    guard let fee = try RotkiAssets.fee(of: row) else { return .transaction(event) }
    (alone.kind, alone.fee) = (.fee, fee)
    return .transactions([event, alone])
  }
}

/// rotki's identifiers of assets: symbols, and CAIP-19 for tokens.
///
/// Source: https://github.com/rotki/rotki/blob/develop/rotkehlchen/data_import/utils.py,
/// https://github.com/ChainAgnostic/CAIPs/blob/main/CAIPs/caip-19.md
enum RotkiAssets {
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

  /// The asset of an identifier; a token no symbol is known of is named by its address.
  static func asset(_ identifier: String) -> NamedAsset {
    let parts = identifier.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let chain = chains[String(parts[0])],
      let address = parts[1].split(separator: ":", maxSplits: 1).dropFirst().first
    else { return NamedAsset(identifier) }
    let isEVM = parts[0].hasPrefix("eip155:")
    let contract = NamedAsset.Contract(
      chain: chain, address: isEVM ? address.lowercased() : String(address))
    let symbol = chain == "ethereum" ? symbols[contract.address] : nil
    return NamedAsset(symbol ?? String(address), contract: contract)
  }

  /// Chains by their CAIP-2 identifiers.
  private static let chains: [String: String] = [
    "eip155:1": "ethereum", "eip155:10": "optimism", "eip155:56": "bnb-chain",
    "eip155:100": "gnosis", "eip155:137": "polygon", "eip155:250": "fantom",
    "eip155:324": "zksync", "eip155:8453": "base", "eip155:42161": "arbitrum",
    "eip155:42220": "celo", "eip155:43114": "avalanche", "eip155:59144": "linea",
    "eip155:534352": "scroll", "eip155:1101": "polygon-zkevm", "eip155:25": "cronos",
    "solana": "solana",
  ]

  /// Symbols of Ethereum tokens that people name most.
  private static let symbols: [String: String] = [
    "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC",
    "0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT",
    "0x6b175474e89094c44da98b954eedeac495271d0f": "DAI",
    "0x89d24a6b4ccb1b6faa2625fe562bdd9a23260359": "SAI",
    "0x4fabb145d64652a948d72533023f6e7a623c7c53": "BUSD",
    "0x0000000000085d4780b73119b644ae5ecd22b376": "TUSD",
    "0xb8c77482e45f1f44de1745f52c74426c631bdd52": "BNB",
    "0x1f9840a85d5af5bf1d1762f925bdaddc4201f984": "UNI",
    "0x514910771af9ca656af840dff83e8264ecf986ca": "LINK",
    "0x2260fac5e5542a773aa44fbcfedf7c193bc2c599": "WBTC",
    "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2": "WETH",
    "0x7fc66500c84a76ad7e9c93437bfc5ac33e2ddae9": "AAVE",
    "0x9f8f72aa9304c8b593d555f12ef6589cc3a579a2": "MKR",
    "0xc00e94cb662c3520282e6f5717214004a7f26888": "COMP",
    "0x7d1afa7b718fb893db30a3abc0cfc608aacfebb0": "MATIC",
    "0xb62132e35a6c13ee1ee0f84dc5d40bad8d815206": "NEXO",
    "0x0d8775f648430679a709e98d2b0cb6250d2887ef": "BAT",
    "0xdd974d5c2e2928dea5f71b9825b8b646686bd200": "KNC",
    "0xbb0e17ef65f82ab018d8edd776e8dd940327b28b": "AXS",
    "0xa0b73e1ff0b80914ab6fe0444e65848c4c34450b": "CRO",
    "0xae7ab96520de3a18e5e111b5eaab095312d7fe84": "STETH",
  ]
}
