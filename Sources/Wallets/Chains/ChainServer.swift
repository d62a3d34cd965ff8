/// A server that may be asked about a chain.
public struct ChainServer: Hashable, Sendable {
  /// The language it speaks.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Ethereum's JSON-RPC.
    case ethereum
    /// Esplora's REST.
    case esplora
    /// Blockbook's REST.
    case blockbook
    /// Electrum's JSON-RPC in lines.
    case electrum
    /// Solana's JSON-RPC.
    case solana
    /// The XRP Ledger's JSON over HTTP.
    case xrp
    /// Stellar's Horizon.
    case stellar
    /// The Cosmos SDK's REST.
    case cosmos
    /// Tron's HTTP.
    case tron
    /// Substrate's sidecar.
    case substrate
    /// NEAR's JSON-RPC.
    case near
    /// TON's HTTP.
    case ton
    /// Cardano's Koios.
    case koios
    /// Cardano's Blockfrost.
    case blockfrost
    /// Algorand's node.
    case algorand
    /// Tezos's node.
    case tezos
    /// Aptos's node.
    case aptos
    /// Sui's node.
    case sui
    /// Hedera's mirror.
    case hedera
    /// Filecoin's node.
    case filecoin
    /// Nano's node.
    case nano
    /// MultiversX's REST.
    case multiversx
  }
  /// The chain, as in assets.
  public let chain: String
  /// The language.
  public let kind: Kind
  /// The address, without a slash at the end.
  public let url: String
  /// Where the operator describes it; empty for the user's own.
  public let document: String

  /// Names a server; slashes at its end are taken off.
  public init(chain: String, kind: Kind, url: String, document: String = "") {
    self.chain = chain
    self.kind = kind
    var url = url[...]
    while url.hasSuffix("/") { url = url.dropLast() }
    self.url = String(url)
    self.document = document
  }

  /// The public servers of a chain, the one to ask first in front.
  public static func publicServers(of chain: String) -> [ChainServer] {
    all.filter { $0.chain == chain }
  }

  private static func ethereum(_ chain: String, _ url: String, _ document: String) -> ChainServer {
    ChainServer(chain: chain, kind: .ethereum, url: url, document: document)
  }
  private static func cosmos(_ chain: String, _ name: String) -> ChainServer {
    ChainServer(
      chain: chain, kind: .cosmos, url: "https://rest.cosmos.directory/\(name)",
      document: "https://cosmos.directory")
  }
  private static func blockbook(_ chain: String, _ code: String) -> ChainServer {
    ChainServer(
      chain: chain, kind: .blockbook, url: "https://\(code)1.trezor.io",
      document: "https://github.com/trezor/blockbook/blob/master/docs/api.md")
  }
  private static func one(
    _ chain: String, _ kind: Kind, _ url: String, _ document: String
  ) -> ChainServer {
    ChainServer(chain: chain, kind: kind, url: url, document: document)
  }

  /// All that are known.
  ///
  /// Public servers see which addresses are asked for; a user may name their own.
  public static let all: [ChainServer] = scripts + ethereums + cosmoses + others

  private static let scripts: [ChainServer] = [
    one(
      "bitcoin", .esplora, "https://blockstream.info/api",
      "https://github.com/Blockstream/esplora/blob/master/API.md"),
    one(
      "bitcoin", .esplora, "https://mempool.space/api", "https://mempool.space/docs/api/rest"),
    one(
      "bitcoin-testnet", .esplora, "https://blockstream.info/testnet/api",
      "https://github.com/Blockstream/esplora/blob/master/API.md"),
    one(
      "litecoin", .esplora, "https://litecoinspace.org/api",
      "https://litecoinspace.org/docs/api/rest"),
    blockbook("litecoin", "ltc"), blockbook("dogecoin", "doge"), blockbook("dash", "dash"),
    blockbook("bitcoin-cash", "bch"), blockbook("zcash", "zec"), blockbook("digibyte", "dgb"),
    blockbook("vertcoin", "vtc"), blockbook("bitcoin-gold", "btg"), blockbook("namecoin", "nmc"),
  ]

  private static let ethereums: [ChainServer] = [
    ethereum(
      "ethereum", "https://ethereum-rpc.publicnode.com", "https://ethereum-rpc.publicnode.com"),
    ethereum(
      "arbitrum", "https://arb1.arbitrum.io/rpc",
      "https://docs.arbitrum.io/build-decentralized-apps/reference/node-providers"),
    ethereum(
      "optimism", "https://mainnet.optimism.io",
      "https://docs.optimism.io/superchain/networks"),
    ethereum(
      "base", "https://mainnet.base.org",
      "https://docs.base.org/base-chain/quickstart/connecting-to-base"),
    ethereum(
      "polygon", "https://polygon-rpc.com",
      "https://docs.polygon.technology/pos/reference/rpc-endpoints/"),
    ethereum(
      "bnb-chain", "https://bsc-dataseed.bnbchain.org",
      "https://docs.bnbchain.org/bnb-smart-chain/developers/json_rpc/json-rpc-endpoint/"),
    ethereum(
      "gnosis", "https://rpc.gnosischain.com",
      "https://docs.gnosischain.com/tools/RPC%20Providers/"),
    ethereum(
      "avalanche", "https://api.avax.network/ext/bc/C/rpc",
      "https://build.avax.network/docs/tooling/rpc-providers"),
    ethereum(
      "linea", "https://rpc.linea.build",
      "https://docs.linea.build/get-started/how-to/info-contracts"),
    ethereum(
      "scroll", "https://rpc.scroll.io",
      "https://docs.scroll.io/en/developers/developer-quickstart/"),
    ethereum(
      "zksync", "https://mainnet.era.zksync.io",
      "https://docs.zksync.io/zksync-network/environment"),
    ethereum("celo", "https://forno.celo.org", "https://docs.celo.org/network"),
    ethereum(
      "sonic", "https://rpc.soniclabs.com",
      "https://docs.soniclabs.com/sonic/build-on-sonic/getting-started"),
    ethereum(
      "ethereum-classic", "https://etc.rivet.link",
      "https://ethereumclassic.org/network/endpoints"),
    ethereum(
      "cronos", "https://evm.cronos.org",
      "https://docs.cronos.org/for-dapp-developers/chain-integration"),
  ]

  private static let cosmoses: [ChainServer] = [
    cosmos("cosmos-hub", "cosmoshub"), cosmos("osmosis", "osmosis"),
    cosmos("celestia", "celestia"), cosmos("akash", "akash"), cosmos("injective", "injective"),
    cosmos("kava", "kava"), cosmos("dydx", "dydx"), cosmos("cronos-pos", "cryptoorgchain"),
    cosmos("juno", "juno"), cosmos("secret", "secretnetwork"), cosmos("terra", "terra2"),
    cosmos("sei", "sei"), cosmos("axelar", "axelar"), cosmos("stride", "stride"),
    cosmos("stargaze", "stargaze"), cosmos("kujira", "kujira"), cosmos("noble", "noble"),
    cosmos("neutron", "neutron"), cosmos("agoric", "agoric"), cosmos("regen", "regen"),
    cosmos("persistence", "persistence"), cosmos("fetch-ai", "fetchhub"),
    cosmos("dymension", "dymension"), cosmos("saga", "saga"),
  ]

  private static let others: [ChainServer] = [
    one(
      "solana", .solana, "https://api.mainnet-beta.solana.com",
      "https://solana.com/docs/references/clusters"),
    one(
      "xrp-ledger", .xrp, "https://xrplcluster.com",
      "https://xrpl.org/docs/tutorials/public-servers"),
    one(
      "stellar", .stellar, "https://horizon.stellar.org",
      "https://developers.stellar.org/docs/data/apis/horizon"),
    one(
      "tron", .tron, "https://api.trongrid.io",
      "https://developers.tron.network/reference/background"),
    one(
      "polkadot", .substrate, "https://polkadot-public-sidecar.parity-chains.parity.io",
      "https://paritytech.github.io/substrate-api-sidecar/dist/"),
    one(
      "kusama", .substrate, "https://kusama-public-sidecar.parity-chains.parity.io",
      "https://paritytech.github.io/substrate-api-sidecar/dist/"),
    one("near", .near, "https://free.rpc.fastnear.com", "https://docs.near.org/api/rpc/providers"),
    one("ton", .ton, "https://toncenter.com", "https://toncenter.com/api/v2/"),
    one("cardano", .koios, "https://api.koios.rest/api/v1", "https://api.koios.rest"),
    one(
      "algorand", .algorand, "https://mainnet-api.algonode.cloud",
      "https://nodely.io/docs/free/start/"),
    one(
      "tezos", .tezos, "https://rpc.tzkt.io/mainnet", "https://tzkt.io/api"),
    one(
      "aptos", .aptos, "https://api.mainnet.aptoslabs.com",
      "https://aptos.dev/network/nodes/networks"),
    one("sui", .sui, "https://fullnode.mainnet.sui.io", "https://docs.sui.io/references/sui-api"),
    one(
      "hedera", .hedera, "https://mainnet.mirrornode.hedera.com",
      "https://docs.hedera.com/hedera/sdks-and-apis/rest-api"),
    one(
      "filecoin", .filecoin, "https://api.node.glif.io/rpc/v1",
      "https://docs.filecoin.io/networks/mainnet/rpcs"),
    one("nano", .nano, "https://rpc.nano.to", "https://docs.nano.to/rpc-api"),
    one(
      "multiversx", .multiversx, "https://api.multiversx.com",
      "https://docs.multiversx.com/sdk-and-tools/rest-api/multiversx-api/"),
  ]
}
