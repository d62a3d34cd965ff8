import Ledger
import Testing
import Wallets

@Suite struct TokenScreenTests {
  private let usdc = AssetID.contract(
    chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48")
  private let stranger = AssetID.contract(
    chain: "ethereum", address: "0x1111111111111111111111111111111111111111")
  private var screen: TokenScreen { TokenScreen(known: [("USDC", usdc)]) }

  @Test func `the real token is shown`() {
    let judgement = screen.judge(.init(asset: usdc, symbol: "USDC", decimals: 6))
    #expect(judgement.verdict == .shown)
    #expect(judgement.reasons == [])
  }

  @Test(arguments: [
    ("USDC", TokenScreen.Reason.counterfeit), ("UЅDC", .lookAlikeLetters),
    ("USD\u{200B}C", .hiddenCharacters), ("\u{1B}]0;owned\u{07}", .hiddenCharacters),
    ("visit usdc-bonus.com", .invitation), ("$ 5000 claim", .invitation),
  ])
  func `a false one is folded away, and the reason is told`(
    symbol: String, reason: TokenScreen.Reason
  ) {
    let judgement = screen.judge(.init(asset: stranger, symbol: symbol))
    #expect(judgement.verdict == .folded)
    #expect(judgement.reasons.contains(reason))
  }

  @Test func `the user's word wins`() {
    let trusting = TokenScreen(trusted: [stranger], known: [("USDC", usdc)])
    let judgement = trusting.judge(.init(asset: stranger, symbol: "USDC"))
    #expect(judgement.verdict == .shown)
  }

  @Test func `a bridged token of another chain is no counterfeit`() {
    let bridged = AssetID.contract(chain: "base", address: "0x2222")
    let judgement = screen.judge(.init(asset: bridged, symbol: "USDC", decimals: 6))
    #expect(judgement.verdict == .shown)
  }

  @Test func `one light reason is shown beside the token`() {
    let judgement = screen.judge(.init(asset: stranger, symbol: "ABC", wasUsedByOwner: false))
    #expect(judgement.verdict == .doubtful)
    #expect(judgement.reasons == [.unasked])
  }

  /// The pattern of poisoning: https://etherscan.io/blog — same first and last characters.
  @Test func `an address with the ends of a familiar one is told`() {
    let friend = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    let twin = "0x5aaeffffffffffffffffffffffffffffffffbeaed".replacing("fbeaed", with: "beaed")
    let found = TokenScreen.lookAlike(of: twin, among: [friend])
    #expect(found == friend)
    #expect(TokenScreen.lookAlike(of: friend.lowercased(), among: [friend]) == nil)
    let nothing = screen.judge(
      .init(counterparty: twin, isIncoming: false, wasStartedByOwner: false, units: .zero),
      familiar: [friend])
    #expect(nothing.verdict == .folded)
    #expect(nothing.reasons == [.nothingMoved, .lookAlikeAddress])
  }

  @Test func `what the owner started is never folded`() {
    let judgement = screen.judge(
      .init(
        counterparty: "0x1111111111111111111111111111111111111111", isIncoming: false,
        wasStartedByOwner: true, units: .zero), familiar: [])
    #expect(judgement.verdict == .shown)
  }

  @Test func `cleaned text has nothing that moves a cursor`() {
    let nasty = "a\u{1B}[31mb\u{202E}c\u{9B}d\u{2028}e\u{FE0F}f\u{7F}"
    #expect(ShownText.cleaned(nasty) == "a[31mbcdef")
    #expect(!ShownText.isClean(nasty))
  }
}
