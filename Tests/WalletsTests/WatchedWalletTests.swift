import Encodings
import TestSupport
import Testing
import Wallets

@Suite struct WatchedWalletTests {
  /// https://github.com/bitcoin/bips/blob/master/bip-0084.mediawiki, test vectors.
  private let account =
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31"
    + "mGDtKsAYz2oz2AGutZYs"

  @Test func `an account key gives receiving and change addresses`() throws {
    let wallet = try WatchedWallet.parse("  \(account)\n", tools: tools)
    #expect(wallet.chain == "bitcoin")
    #expect(wallet.branches == 2)
    let first = try wallet.addresses(0, branch: 0, tools: tools)
    let second = try wallet.addresses(1, branch: 0, tools: tools)
    let change = try wallet.addresses(0, branch: 1, tools: tools)
    #expect(first == ["bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"])
    #expect(second == ["bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"])
    #expect(change == ["bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"])
  }

  /// A hardware wallet's export with the key's origin; the key is BIP 86's published one.
  @Test func `an origin says which addresses a plain key is for`() throws {
    let plain =
      "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yf"
      + "dDEHGCtMMj92pReUsQ"
    let wallet = try WatchedWallet.parse("[73c5da0a/86h/0h/0h]\(plain)", tools: tools)
    let first = try wallet.addresses(0, branch: 0, tools: tools)
    #expect(first == ["bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"])
  }

  /// https://github.com/bitcoin/bips/blob/master/bip-0389.mediawiki: two branches in one text.
  @Test func `a descriptor of two branches has both`() throws {
    let plain =
      "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRj"
      + "aDMzQLcgJvLJuZZvRcEL"
    let both = try WatchedWallet.parse("wpkh(\(plain)/<0;1>/*)", tools: tools)
    #expect(both.branches == 2)
    for branch in 0..<2 {
      let single = try WatchedWallet.parse("wpkh(\(plain)/\(branch)/*)", tools: tools)
      let expected = try single.addresses(5, branch: 0, tools: tools)
      let found = try both.addresses(5, branch: branch, tools: tools)
      #expect(found == expected)
    }
  }

  /// Published examples: BIP 39 vectors, BIP 32 vector 1, BIP 380, https://xrpl.org/docs, SEP 5.
  @Test(arguments: [
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "letter,advice,cage,absurd,amount,doctor,acoustic,avoid,letter,advice,cage,above",
    "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFt"
      + "T2emdEXVYsCzC2U",
    // The same with a character changed: a spoilt key is still a key.
    "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFt"
      + "T2emdEXVYsCzC2V",
    "5KYZdUEo39z3FPrtuX2QbbwGnNP5zTd7yyr2SC1j299sBCnWjss",
    "L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1",
    "wpkh(L4rK1yDtCWekvXuE6oXD9jCYfFNV2cWRpVuPLBcCU2z8TrisoyY1)",
    "e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35",
    "0xe8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35",
    "SBGWKM3CD4IL47QN6X54N6Y33T3JDNVI6AIJ6CD5IM47HG3IG4O36XCU",
    "snoPBrXtMeMyMHUVTgbuqAfg1SUTb",
    "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
    "{\"crypto\":{\"ciphertext\":\"00\"}}",
  ])
  func `a secret is refused, and no word of it is kept`(secret: String) {
    let found = fault { () throws(WalletFault) in try WatchedWallet.parse(secret, tools: tools) }
    guard case .secret? = found else {
      Issue.record("not refused as a secret: \(String(describing: found))")
      return
    }
    let shown = "\(String(describing: found)) \(found?.text ?? "")"
    for word in secret.split(separator: " ") where word.count > 3 {
      #expect(!shown.contains(word))
    }
  }

  @Test func `digits that could be a key are an address only where the chain was named`() throws {
    let digits = "5510e2b44cae6eb807e3e0e45d579dda058c274abcba15e5cb84636f5d1ee412"
    let found = fault { () throws(WalletFault) in try WatchedWallet.parse(digits, tools: tools) }
    #expect(found == .secret(.privateKey))
    let named = try WatchedWallet.parse(digits, chain: "near", tools: tools)
    #expect(named.source == .address(digits))
  }

  @Test func `an address that several chains write is asked about`() {
    let text = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    let found = fault { () throws(WalletFault) in try WatchedWallet.parse(text, tools: tools) }
    guard case .ambiguous(let chains)? = found else {
      Issue.record("not ambiguous")
      return
    }
    #expect(chains.contains("ethereum") && chains.contains("base"))
  }

  @Test func `a hardened range cannot be watched`() {
    let plain =
      "xpub6ERApfZwUNrhLCkDtcHTcxd75RbzS1ed54G1LkBUHQVHQKqhMkhgbmJbZRkrgZw4koxb5JaHWkY4ALHY2grBGRj"
      + "aDMzQLcgJvLJuZZvRcEL"
    let found = fault { () throws(WalletFault) in
      try WatchedWallet.parse("wpkh(\(plain)/0/*h)", tools: tools)
    }
    #expect(found == .hardened)
  }

  /// BIP 386's example with keys of 32 bytes: they are public.
  @Test func `half keys of taproot are no secrets`() throws {
    let text =
      "tr(a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd,pk("
      + "669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0))"
    let wallet = try WatchedWallet.parse(text, tools: tools)
    guard case .descriptor(let descriptor) = wallet.source else {
      Issue.record("no descriptor")
      return
    }
    let scripts = try descriptor.scripts(0, tools: tools)
    #expect(
      scripts.map { Hex.text($0.bytes) }
        == ["512017cf18db381d836d8923b1bdb246cfcd818da1a9f0e6e7907f187f0b2f937754"])
  }

  @Test func `a kept text gives the same wallet again`() throws {
    for text in [account, "wpkh(\(account)/0/*)", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"] {
      let chain = text.hasPrefix("1") ? "bitcoin" : nil
      let wallet = try WatchedWallet.parse(text, chain: chain, tools: tools)
      let again = try WatchedWallet.parse(
        wallet.text(tools: tools), chain: wallet.chain, form: wallet.form, tools: tools)
      #expect(again == wallet)
    }
  }

  @Test func `a search asks for addresses until the gap is full`() throws {
    let wallet = try WatchedWallet.parse(account, tools: tools)
    var scan = WalletScan(wallet, gap: 3)
    var asked: [String] = []
    while !scan.isComplete {
      for question in try scan.next(4, tools: tools) {
        asked += question.addresses
        scan.record(
          question.place,
          isUsed: question.addresses == ["bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"])
      }
    }
    #expect(asked.count == 8)
    #expect(scan.gaps.used == [.init(branch: 0, index: 1)])
  }

  @Test func `spoilt texts are refused and never stop the program`() {
    var random = Seeded(11)
    let texts = [
      account, "wpkh([73c5da0a/84h/0h/0h]\(account)/0/*)#4rj57g9z",
      "tr(a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5bd,{pk("
        + "669b8afcec803a0d323e9a17f3ea8e68e8abe5a278020a929adbec52421adbd0),{{{{",
      "sh(multi(2,\(account)/0/*,[00000000/0'/1]\(account)))",
      "bitcoincash:qqyx49mu0kkn9ftfj6hje6g2wfer34yfnq5tahq3q6", "0.0.12345-vfmkw",
      "DdzFFzCqrhsfdzUZxvuBkhV8Lpm9p43p9ubh79GCTkxJikAjKh51qhtCFMqUniC5tv5ZExyvSmAte2Du2tGimavSo6qSgXb"
        + "jiy8qZRTg",
      "SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7", "kaspa:qpzry9x8gf2tvdw0s3jn54khce6mua7l",
    ]
    for round in 0..<1_500 {
      let bytes = random.mutated(Array(texts[round % texts.count].utf8))
      let text = String(decoding: bytes, as: UTF8.self)
      _ = fault { () throws(WalletFault) in try WatchedWallet.parse(text, tools: tools) }
    }
  }
}

@Suite struct AddressTests {
  /// https://hips.hedera.com/hip/hip-15: the checksum of account 0.0.123 on the main network.
  @Test func `a Hedera checksum is looked at`() {
    let coin = Coin.named("hedera")
    #expect(coin?.address("0.0.123-vfmkw", tools: tools) != nil)
    #expect(coin?.address("0.0.123-vfmkx", tools: tools) == nil)
  }

  /// https://docs.stacks.co (boot address of the main network) and
  /// https://docs.multiversx.com examples are checked by their own sums.
  @Test func `Stacks addresses have their sum`() {
    let coin = Coin.named("stacks")
    #expect(coin?.address("SP000000000000000000002Q6VF78", tools: tools) != nil)
    #expect(coin?.address("SP000000000000000000002Q6VF79", tools: tools) == nil)
  }

  @Test func `every chain has one name and a reader or a reason`() {
    let names = Coin.all.flatMap { [$0.id] + $0.aliases }
    #expect(Set(names).count == names.count)
    for server in ChainServer.all {
      #expect(server.url.hasPrefix("https://"), "\(server.url)")
      #expect(server.document.hasPrefix("https://"), "\(server.url)")
    }
  }
}
