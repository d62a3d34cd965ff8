/// What an extended key's four version bytes say.
///
/// Source: https://github.com/satoshilabs/slips/blob/master/slip-0132.md; Dogecoin's:
/// https://github.com/dogecoin/dogecoin/blob/master/src/chainparams.cpp
public struct KeyVersion: Hashable, Sendable {
  /// The coin as the registry names it.
  public let coin: String
  /// The version bytes of public keys.
  public let publicBytes: UInt32
  /// How public keys start.
  public let publicPrefix: String
  /// The version bytes of private keys.
  public let privateBytes: UInt32
  /// How private keys start.
  public let privatePrefix: String
  /// The addresses the key is for.
  public let form: Form
  /// The path of the coin's keys, `-` where none is given.
  public let path: String

  /// Which addresses are made of a key's children.
  public enum Form: String, Hashable, Sendable {
    /// Old addresses, or not said: many wallets use the plain version for all.
    case legacy = "P2PKH or P2SH"
    /// Old addresses of one key.
    case keyHash = "P2PKH"
    /// Segwit inside a script hash (BIP 49).
    case nestedSegwit = "P2WPKH in P2SH"
    /// Segwit (BIP 84).
    case segwit = "P2WPKH"
    /// Several keys, nested.
    case nestedShared = "Multi-signature P2WSH in P2SH"
    /// Several keys.
    case shared = "Multi-signature P2WSH"
  }

  private init(
    _ coin: String, _ publicBytes: UInt32, _ publicPrefix: String, _ privateBytes: UInt32,
    _ privatePrefix: String, _ form: Form, _ path: String
  ) {
    self.coin = coin
    self.publicBytes = publicBytes
    self.publicPrefix = publicPrefix
    self.privateBytes = privateBytes
    self.privatePrefix = privatePrefix
    self.form = form
    self.path = path
  }

  /// The plain version, `xpub`.
  public static let plain = all[0]

  /// Whether the version is one of test networks.
  public var isTest: Bool { coin.hasSuffix("Testnet") }

  /// The entries of version bytes; several coins share some.
  public static func named(publicBytes: UInt32) -> [KeyVersion] {
    all.filter { $0.publicBytes == publicBytes }
  }

  /// Whether version bytes are those of private keys.
  public static func isPrivate(_ bytes: UInt32) -> Bool {
    all.contains { $0.privateBytes == bytes }
  }

  /// The registry.
  public static let all: [KeyVersion] = bitcoin + bitcoinTest + groestlcoin + others

  private static let bitcoin: [KeyVersion] = [
    KeyVersion("Bitcoin", 0x0488_B21E, "xpub", 0x0488_ADE4, "xprv", .legacy, "m/44'/0'"),
    KeyVersion("Bitcoin", 0x049D_7CB2, "ypub", 0x049D_7878, "yprv", .nestedSegwit, "m/49'/0'"),
    KeyVersion("Bitcoin", 0x04B2_4746, "zpub", 0x04B2_430C, "zprv", .segwit, "m/84'/0'"),
    KeyVersion("Bitcoin", 0x0295_B43F, "Ypub", 0x0295_B005, "Yprv", .nestedShared, "-"),
    KeyVersion("Bitcoin", 0x02AA_7ED3, "Zpub", 0x02AA_7A99, "Zprv", .shared, "-"),
  ]
  private static let test = "Bitcoin Testnet"
  private static let bitcoinTest: [KeyVersion] = [
    KeyVersion(test, 0x0435_87CF, "tpub", 0x0435_8394, "tprv", .legacy, "m/44'/1'"),
    KeyVersion(test, 0x044A_5262, "upub", 0x044A_4E28, "uprv", .nestedSegwit, "m/49'/1'"),
    KeyVersion(test, 0x0242_89EF, "Upub", 0x0242_85B5, "Uprv", .nestedShared, "-"),
    KeyVersion(test, 0x045F_1CF6, "vpub", 0x045F_18BC, "vprv", .segwit, "m/84'/1'"),
    KeyVersion(test, 0x0257_5483, "Vpub", 0x0257_5048, "Vprv", .shared, "-"),
  ]
  private static let groestl = "Groestlcoin"
  private static let groestlTest = "Groestlcoin Testnet"
  private static let groestlcoin: [KeyVersion] = [
    KeyVersion(groestl, 0x0488_B21E, "xpub", 0x0488_ADE4, "xprv", .legacy, "m/44'/17'"),
    KeyVersion(groestl, 0x049D_7CB2, "ypub", 0x049D_7878, "yprv", .nestedSegwit, "m/49'/17'"),
    KeyVersion(groestl, 0x04B2_4746, "zpub", 0x04B2_430C, "zprv", .segwit, "m/84'/17'"),
    KeyVersion(groestl, 0x0295_B43F, "Ypub", 0x0295_B005, "Yprv", .nestedShared, "-"),
    KeyVersion(groestl, 0x02AA_7ED3, "Zpub", 0x02AA_7A99, "Zprv", .shared, "-"),
    KeyVersion(groestlTest, 0x0435_87CF, "tpub", 0x0435_8394, "tprv", .legacy, "m/44'/1'"),
    KeyVersion(groestlTest, 0x044A_5262, "upub", 0x044A_4E28, "uprv", .nestedSegwit, "m/49'/1'"),
    KeyVersion(groestlTest, 0x0242_89EF, "Upub", 0x0242_85B5, "Uprv", .nestedShared, "-"),
    KeyVersion(groestlTest, 0x045F_1CF6, "vpub", 0x045F_18BC, "vprv", .segwit, "m/84'/1'"),
    KeyVersion(groestlTest, 0x0257_5483, "Vpub", 0x0257_5048, "Vprv", .shared, "-"),
  ]
  private static let others: [KeyVersion] = [
    KeyVersion("Litecoin", 0x019D_A462, "Ltub", 0x019D_9CFE, "Ltpv", .legacy, "m/44'/2'"),
    KeyVersion("Litecoin", 0x01B2_6EF6, "Mtub", 0x01B2_6792, "Mtpv", .nestedSegwit, "m/49'/1'"),
    KeyVersion("Litecoin Testnet", 0x0436_F6E1, "ttub", 0x0436_EF7D, "ttpv", .legacy, "m/44'/1'"),
    KeyVersion("Vertcoin", 0x0488_B21E, "vtcp", 0x0488_ADE4, "vtcv", .legacy, "m/44'/28'"),
    KeyVersion("Polis", 0x03E2_5D7E, "ppub", 0x03E2_5945, "pprv", .keyHash, "m/44'/1997'"),
    KeyVersion("Dogecoin", 0x02FA_CAFD, "dgub", 0x02FA_C398, "dgpv", .legacy, "m/44'/3'"),
  ]
}
