import Ledger
import Testing
import Wallets

/// The table of well-known tokens.
@Suite struct KnownTokenTests {
  /// EIP-55: a mistyped digit is found in the case of the letters.
  @Test func `every contract has its own checksum`() {
    let contracts = KnownAssets.knownTokens.map(\.address).filter { $0.hasPrefix("0x") }
    #expect(contracts.count > 50)
    for contract in contracts {
      let bytes = EthereumAddress.bytes(contract)
      #expect(bytes.map { EthereumAddress.text($0) } == contract, "\(contract)")
    }
  }

  @Test func `every token is told once, on a chain that can be read`() {
    let chains = Set(ChainServer.all.map(\.chain))
    for token in KnownAssets.knownTokens {
      #expect(chains.contains(token.chain), "\(token)")
      #expect((0...18).contains(token.decimals), "\(token)")
      #expect(token.asset.ticker == token.symbol)
    }
    let assets = KnownAssets.knownTokens.map(\.asset)
    #expect(Set(assets).count == assets.count)
  }

  /// By Circle's list.
  ///
  /// https://developers.circle.com/stablecoins/usdc-contract-addresses
  @Test func `an issuer's own issue is one asset everywhere, a bridge's copy is not`() {
    let first = AssetID.contract(
      chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
    let base = AssetID.contract(
      chain: "base", address: "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913")
    let bridged = AssetID.contract(
      chain: "arbitrum", address: "0xff970a61a04b1ca14834a43f5de4533ebddb5cc8")
    let links = AssetLinks()
    #expect(links.canonical(base) == first)
    #expect(links.canonical(.venue(venue: "kraken", code: "USDC")) == first)
    #expect(links.canonical(first) == first)
    #expect(links.canonical(bridged) == bridged && bridged.ticker == "USDC.e")
    // The user's word wins.
    #expect(AssetLinks(stated: [base: bridged]).canonical(base) == bridged)
  }

  @Test func `a wallet's token and a venue's code of one meaning are one asset`() {
    let link = AssetID.contract(
      chain: "ethereum", address: "0x514910771af9ca656af840dff83e8264ecf986ca")
    #expect(AssetLinks().canonical(.venue(venue: "binance", code: "LINK")) == link)
    let arb = AssetID.contract(
      chain: "arbitrum", address: "0x912ce59144191c1204e64559fe8253a0e49e6548")
    #expect(AssetLinks().canonical(.venue(venue: "okx", code: "ARB")) == arb)
  }
}
