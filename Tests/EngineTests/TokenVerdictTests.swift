import Amounts
import Ledger
import Portfolio
import Testing
import Wallets

@testable import Engine

/// Verdicts on tokens that servers list, and the user's word over them.
@Suite struct TokenVerdictTests {
  private func judge(
    _ chain: String, _ address: String, _ symbol: String
  ) -> TokenScreen.Judgement? {
    WalletDesk.judge(
      ChainBalance(
        .contract(chain: chain, address: address), symbol: symbol, .zero(decimals: 6)))
  }

  @Test(arguments: [
    ("USDC", TokenScreen.Reason.counterfeit), ("U\u{0405}DC", .counterfeit),
    ("US\u{200B}DC", .hiddenCharacters), ("\u{202E}CDSU", .hiddenCharacters),
    ("visit xyz.com", .invitation), ("SOL", .counterfeit),
  ])
  func `a hostile name on Solana is folded`(symbol: String, reason: TokenScreen.Reason) {
    let judgement = judge("solana", "Fa1seFa1seFa1seFa1seFa1seFa1seFa1seFa1seFa1", symbol)
    #expect(judgement?.verdict == .folded)
    #expect(judgement?.reasons.contains(reason) == true)
  }

  @Test func `the real token, and one whose server tells no name, are not judged by it`() {
    let usdc = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
    #expect(judge("solana", usdc, usdc) == nil)
    let mint = "Some5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1vAA"
    #expect(judge("solana", mint, mint) == nil)
    let denom = "ibc/" + String(repeating: "A", count: 64)
    #expect(judge("osmosis", denom, denom) == nil)
  }

  @Test func `verdicts are read back as they were kept`() {
    let asset = "contract:stellar:USDC-GFALSE"
    let state = #"{"suspects":{"\#(asset)":["folded","counterfeit","nonsense"],"x":["folded"]}}"#
    let verdicts = WalletDesk.verdicts(in: ["wallet": state])
    #expect(verdicts.count == 1)
    let judgement = AssetID(asset).flatMap { verdicts[$0] }
    #expect(judgement?.verdict == .folded && judgement?.reasons == [.counterfeit])
    #expect(WalletDesk.verdicts(in: ["wallet": #"{"suspects":[1,{}]}"#]).isEmpty)
  }

  @Test func `the user's word wins`() {
    let asset = AssetID.contract(chain: "stellar", address: "USDC-GFALSE")
    let verdicts = [asset: TokenScreen.Judgement(verdict: .folded, reasons: [.counterfeit])]
    #expect(AssetWord.screenings(verdicts, [:])[asset]?.standing == .folded)
    #expect(AssetWord.screenings(verdicts, [asset: .trust])[asset] == nil)
    let ignored = AssetWord.screenings(verdicts, [asset: .ignore])[asset]
    #expect(ignored?.standing == .ignored && ignored?.reasons == ["ignored", "counterfeit"])
    let kept = [AssetWord.setting(of: asset): "trust", "currency": "EUR", "asset-word:x": "y"]
    #expect(AssetWord.words(in: kept) == [asset: .trust])
  }
}
