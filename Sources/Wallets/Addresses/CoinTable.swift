import Encodings

// Which chain writes its addresses how. Chains made like Ethereum or like Cosmos differ in a name.

extension Coin {
  /// All of them.
  public static let all: [Coin] = bitcoinLike + otherBase58 + ethereumLike + cosmosLike + others

  private static func script(
    _ id: String, _ aliases: [String] = [], with more: [AddressRule] = [],
    testWith moreTest: [AddressRule] = []
  ) -> Coin {
    let own = ScriptNetwork.named(id).map { [AddressRule.script($0)] } ?? []
    let test = ScriptNetwork.named(id + "-testnet").map { [AddressRule.script($0)] } ?? []
    return Coin(id, aliases, own + more, test: test + moreTest)
  }

  private static let bitcoinLike: [Coin] = [
    script("bitcoin", ["btc"]),
    script("litecoin", ["ltc"]),
    script("dogecoin", ["doge"]),
    script("dash"),
    script("bitcoin-cash", ["bch"]),
    script("bitcoin-sv", ["bsv"]),
    script("ecash", ["xec"]),
    script("bitcoin-gold", ["btg"]),
    script("digibyte", ["dgb"]),
    script("vertcoin", ["vtc"]),
    script("qtum"),
    script("ravencoin", ["rvn"]),
    script("monacoin"),
    script("namecoin"),
    script("peercoin"),
    script("komodo", ["kmd"]),
    script("pivx"),
    script("viacoin"),
    script("syscoin"),
    script("firo"),
  ]

  private static func checked(
    _ versions: [[UInt8]], _ length: Int = 20, _ check: AddressRule.Base58Check = .doubleSHA256
  ) -> AddressRule {
    .base58(versions: versions, length: length, check: check)
  }

  private static func bech32(
    _ prefix: String, _ lengths: [Int], _ variant: Bech32.Variant = .bech32
  ) -> AddressRule {
    .bech32(prefix: prefix, lengths: lengths, variant: variant)
  }

  /// Chains with a version and a check of their own in base 58.
  ///
  /// Sources: the reference program of each chain; Zcash https://zips.z.cash/protocol/protocol.pdf
  /// section 5.6, Decred https://devdocs.decred.org/developer-guides/addresses/, Tezos
  /// https://octez.tezos.com/docs/developer/encodings.html, Tron
  /// https://developers.tron.network/docs/account, Waves
  /// https://docs.waves.tech/en/blockchain/account/address, Ergo
  /// https://docs.ergoplatform.com/dev/wallet/address/, Neo
  /// https://developers.neo.org/docs/n3/foundation/Wallets, XRP
  /// https://xrpl.org/docs/concepts/accounts/addresses
  private static let otherBase58: [Coin] = [
    Coin(
      "zcash", ["zec"],
      [
        checked([[0x1C, 0xB8], [0x1C, 0xBD]]), bech32("zs", [43]), bech32("tex", [20], .bech32m),
        .special(SpecialAddresses.unified),
      ],
      test: [checked([[0x1D, 0x25], [0x1C, 0xBA]]), bech32("ztestsapling", [43])]),
    Coin("horizen", ["zen"], [checked([[0x20, 0x89], [0x20, 0x96]])]),
    Coin(
      "decred", ["dcr"],
      [
        checked(
          [[0x07, 0x3F], [0x07, 0x1A], [0x07, 0x1F], [0x07, 0x01]], 20, .doubleBlake256),
        checked([[0x13, 0x86]], 33, .doubleBlake256),
      ], test: [checked([[0x0F, 0x21], [0x0E, 0xFC]], 20, .doubleBlake256)]),
    Coin(
      "tezos", ["xtz"], decimals: 6,
      [
        checked([
          [0x06, 0xA1, 0x9F], [0x06, 0xA1, 0xA1], [0x06, 0xA1, 0xA4], [0x06, 0xA1, 0xA6],
          [0x02, 0x5A, 0x79],
        ])
      ]),
    Coin("tron", ["trx"], decimals: 6, [checked([[0x41]])]),
    Coin(
      "waves", [], [checked([[0x01, 0x57]], 20, .waves)],
      test: [checked([[0x01, 0x54]], 20, .waves)]),
    Coin(
      "ergo", [], decimals: 9,
      [checked([[0x01]], 33, .blake2b256), checked([[0x02]], 24, .blake2b256)],
      test: [checked([[0x11]], 33, .blake2b256)]),
    Coin("neo", ["neo-n3"], decimals: 0, [checked([[0x35]])]),
    Coin("neo-legacy", [], decimals: 0, [checked([[0x17]])]),
    Coin(
      "xrp-ledger", ["xrp", "ripple"], decimals: 6,
      [checked([[0x00]], 20, .ripple), .special(SpecialAddresses.xAddress)]),
    Coin("mina", [], decimals: 9, [checked([[0xCB, 0x01, 0x01]], 33), checked([[0xCB]], 35)]),
    Coin(
      "monero", ["xmr"], decimals: 12,
      [.special(SpecialAddresses.monero(plain: [18, 42], integrated: [19]))],
      test: [
        .special(SpecialAddresses.monero(plain: [53, 63, 24, 36], integrated: [54, 25]))
      ]),
    Coin(
      "polkadot", ["dot"], decimals: 10,
      [.special(SpecialAddresses.substrate(chains: [0, 2, 42]))]),
    Coin(
      "kusama", ["ksm"], decimals: 12, [.special(SpecialAddresses.substrate(chains: [2, 42]))]),
    Coin("solana", ["sol"], decimals: 9, hasChecksum: false, [.special(SpecialAddresses.solana)]),
    Coin(
      "cardano", ["ada"], decimals: 6,
      [.special(SpecialAddresses.shelley(isTest: false)), .special(SpecialAddresses.byron)],
      test: [.special(SpecialAddresses.shelley(isTest: true))]),
  ]

  /// Chains with Ethereum's addresses (https://chainlist.org).
  private static let ethereumLike: [Coin] = [
    ethereum("ethereum", ["eth"]),
    ethereum("bnb-chain", ["bnb", "bsc", "binance-smart-chain"]),
    ethereum("polygon", ["matic"]),
    ethereum("arbitrum"),
    ethereum("optimism"),
    ethereum("base"),
    ethereum("avalanche", ["avax", "avax-c-chain"]),
    ethereum("gnosis", ["xdai"]),
    ethereum("fantom"),
    ethereum("linea"),
    ethereum("scroll"),
    ethereum("zksync"),
    ethereum("celo"),
    ethereum("ethereum-classic", ["etc"]),
    ethereum("theta"),
    ethereum("vechain", ["vet"]),
    ethereum("cronos"),
    ethereum("sonic"),
    ethereum("hyperevm"),
    ethereum("blast"),
    ethereum("mantle"),
    ethereum("polygon-zkevm"),
    ethereum("xdc", ["xinfin"]),
  ]

  private static func ethereum(_ id: String, _ aliases: [String] = []) -> Coin {
    Coin(id, aliases, decimals: 18, [.ethereum], test: [.ethereum], isEthereumLike: true)
  }

  /// Chains of the Cosmos SDK: Bech32 over 20 bytes of a key's hash or 32 of a contract.
  ///
  /// Prefixes: https://github.com/cosmos/chain-registry
  private static let cosmosLike: [Coin] = [
    cosmos("cosmos-hub", ["cosmos", "atom"], prefix: "cosmos", decimals: 6),
    cosmos("osmosis", ["osmo"], prefix: "osmo", decimals: 6),
    cosmos("celestia", ["tia"], prefix: "celestia", decimals: 6),
    cosmos("akash", ["akash-network", "akt"], prefix: "akash", decimals: 6),
    cosmos("injective", ["inj"], prefix: "inj", decimals: 18),
    cosmos("kava", [], prefix: "kava", decimals: 6),
    cosmos("dydx", [], prefix: "dydx", decimals: 18),
    cosmos("cronos-pos", ["cro", "crypto-org"], prefix: "cro", test: "tcro", decimals: 8),
    cosmos("juno", [], prefix: "juno", decimals: 6),
    cosmos("secret", ["scrt"], prefix: "secret", decimals: 6),
    cosmos("terra", ["luna"], prefix: "terra", decimals: 6),
    cosmos("sei", [], prefix: "sei", decimals: 6),
    cosmos("axelar", ["axl"], prefix: "axelar", decimals: 6),
    cosmos("stride", [], prefix: "stride", decimals: 6),
    cosmos("stargaze", [], prefix: "stars", decimals: 6),
    cosmos("evmos", [], prefix: "evmos", decimals: 18),
    cosmos("fetch-ai", ["fet"], prefix: "fetch", decimals: 18),
    cosmos("kujira", [], prefix: "kujira", decimals: 6),
    cosmos("noble", [], prefix: "noble", decimals: 6),
    cosmos("neutron", [], prefix: "neutron", decimals: 6),
    cosmos("agoric", [], prefix: "agoric", decimals: 6),
    cosmos("regen", [], prefix: "regen", decimals: 6),
    cosmos("persistence", [], prefix: "persistence", decimals: 6),
    cosmos("band", [], prefix: "band", decimals: 6),
    cosmos("thorchain", ["rune"], prefix: "thor", decimals: 8),
    cosmos("dymension", [], prefix: "dym", decimals: 18),
    cosmos("saga", [], prefix: "saga", decimals: 6),
    cosmos("bitsong", [], prefix: "bitsong", decimals: 6),
    cosmos("sentinel", [], prefix: "sent", decimals: 6),
    cosmos("xpla", [], prefix: "xpla", decimals: 18),
    cosmos("coreum", [], prefix: "core", decimals: 6),
    cosmos("bnb-beacon", [], prefix: "bnb", test: "tbnb", decimals: 8),
  ]

  private static func cosmos(
    _ id: String, _ aliases: [String], prefix: String, test: String? = nil, decimals: Int
  ) -> Coin {
    Coin(
      id, aliases, decimals: decimals, [bech32(prefix, [20, 32])],
      test: test.map { [bech32($0, [20, 32])] } ?? [])
  }

  /// Chains that stand alone.
  ///
  /// Sources beside each form in `SpecialAddresses`; Avalanche
  /// https://build.avax.network/docs/rpcs/other/standards/cryptographic-primitives, MultiversX
  /// https://docs.multiversx.com/developers/account-management/wallets-generation, Zilliqa
  /// https://dev.zilliqa.com/zilliqa1/getting-started/dev-overview, Aptos and Sui
  /// https://aptos.dev/network/blockchain/accounts https://docs.sui.io/concepts/cryptography/transaction-auth/keys-addresses,
  /// Icon https://docs.icon.community/icon-stack/icon-addresses, Nervos
  /// https://github.com/nervosnetwork/rfcs/blob/master/rfcs/0021-ckb-address-format/0021-ckb-address-format.md,
  /// Chia https://docs.chia.net/coin-set-model/puzzle-hash-addresses/, IOTA
  /// https://github.com/iotaledger/tips/blob/main/tips/TIP-0011/tip-0011.md, Harmony
  /// https://docs.harmony.one/home/general/wallets, Flow https://developers.flow.com/build/basics/accounts,
  /// Kadena https://docs.kadena.io/smart-contracts/accounts
  private static let others: [Coin] = [
    Coin("stellar", ["xlm"], decimals: 7, [.special(SpecialAddresses.stellar)]),
    Coin("algorand", ["algo"], decimals: 6, [.special(SpecialAddresses.algorand)]),
    Coin(
      "nem", ["xem"], decimals: 6, [.special(SpecialAddresses.nem(network: 0x68))],
      test: [.special(SpecialAddresses.nem(network: 0x98))]),
    Coin(
      "filecoin", ["fil"], decimals: 18, [.special(SpecialAddresses.filecoin(network: "f"))],
      test: [.special(SpecialAddresses.filecoin(network: "t"))]),
    Coin("nano", ["xno"], decimals: 30, [.special(SpecialAddresses.nano)]),
    Coin(
      "internet-computer", ["icp"], decimals: 8,
      [.special(SpecialAddresses.internetComputer), .special(SpecialAddresses.principal)]),
    Coin(
      "near", ["near-protocol"], decimals: 24, hasChecksum: false,
      [.hexadecimal(prefix: "", digits: 64), .special(SpecialAddresses.nearName)]),
    Coin(
      "aptos", ["apt"], decimals: 8, hasChecksum: false, [.hexadecimal(prefix: "0x", digits: 64)]),
    Coin("sui", [], decimals: 9, hasChecksum: false, [.hexadecimal(prefix: "0x", digits: 64)]),
    Coin(
      "ton", [], decimals: 9, [.special(SpecialAddresses.ton(isTest: false))],
      test: [.special(SpecialAddresses.ton(isTest: true))]),
    Coin("hedera", ["hbar"], [.special(SpecialAddresses.hedera)]),
    Coin(
      "eos", ["vaulta"], decimals: 4,
      [.special(SpecialAddresses.eosKey), .special(SpecialAddresses.eosName)]),
    Coin(
      "icon", ["icx"], decimals: 18, hasChecksum: false,
      [.hexadecimal(prefix: "hx", digits: 40), .hexadecimal(prefix: "cx", digits: 40)]),
    Coin("multiversx", ["egld"], decimals: 18, [bech32("erd", [32])]),
    Coin("zilliqa", ["zil"], decimals: 12, [bech32("zil", [20])]),
    Coin(
      "avax-x-chain", [], decimals: 9, [.markedBech32(mark: "X-", prefix: "avax")],
      test: [.markedBech32(mark: "X-", prefix: "fuji")]),
    Coin(
      "avax-p-chain", [], decimals: 9, [.markedBech32(mark: "P-", prefix: "avax")],
      test: [.markedBech32(mark: "P-", prefix: "fuji")]),
    Coin("stacks", ["stx"], decimals: 6, [.special(SpecialAddresses.stacks)]),
    Coin(
      "kaspa", ["kas"], [.special(SpecialAddresses.kaspa(prefix: "kaspa"))],
      test: [.special(SpecialAddresses.kaspa(prefix: "kaspatest"))]),
    Coin("siacoin", ["sc"], decimals: 24, [.special(SpecialAddresses.sia)]),
    Coin(
      "nervos", ["ckb"], [bech32("ckb", [22, 54, 55], .bech32m), bech32("ckb", [22])],
      test: [bech32("ckt", [22, 54, 55], .bech32m)]),
    Coin("chia", ["xch"], decimals: 12, [bech32("xch", [32], .bech32m)]),
    Coin("iota", [], decimals: 6, [bech32("iota", [33])]),
    Coin("harmony", ["one"], decimals: 18, [bech32("one", [20])]),
    Coin("flow", [], hasChecksum: false, [.hexadecimal(prefix: "0x", digits: 16)]),
    Coin(
      "kadena", ["kda"], decimals: 12, hasChecksum: false,
      [.hexadecimal(prefix: "k:", digits: 64)]),
  ]
}
