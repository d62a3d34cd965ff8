import Ledger
import Testing

@Suite struct AssetTests {
  @Test(arguments: [
    AssetID.fiat(code: "EUR"), .native(chain: "bitcoin"),
    .contract(chain: "ethereum", address: "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
    .venue(venue: "kraken", code: "XXBT"), .venue(venue: "x", code: "A:B"),
  ])
  func `the text form comes back`(asset: AssetID) {
    #expect(AssetID(asset.text) == asset)
  }

  @Test(arguments: ["", "fiat", "fiat:", "fiat:EUR:x", "coin:BTC", "venue:kraken", "contract:eth:"])
  func `any other text is no asset`(text: String) {
    #expect(AssetID(text) == nil)
  }

  @Test func `a ticker is never an identity`() {
    let one = AssetID.venue(venue: "kraken", code: "FLR")
    let other = AssetID.venue(venue: "binance", code: "FLR")
    #expect(one.ticker == other.ticker)
    #expect(AssetLinks().canonical(one) != AssetLinks().canonical(other))
  }

  /// Kraken's codes are those of https://support.kraken.com/hc/en-us/articles/360001185506.
  @Test(arguments: [
    ("kraken", "XXBT", "native:bitcoin"), ("kraken", "XBT", "native:bitcoin"),
    ("kraken", "ZGBP", "fiat:GBP"), ("binance", "BTC", "native:bitcoin"),
    ("koinly", "EUR", "fiat:EUR"), ("binance", "ZGBP", "venue:binance:ZGBP"),
    ("binance", "FLR", "venue:binance:FLR"),
  ])
  func `well-known codes have one meaning`(venue: String, code: String, expected: String) {
    #expect(AssetLinks().canonical(.venue(venue: venue, code: code)).text == expected)
  }

  @Test func `a link wins, can be taken back, and closes no circle`() throws {
    let one = AssetID.venue(venue: "a", code: "X")
    let two = AssetID.venue(venue: "b", code: "X")
    let three = AssetID.venue(venue: "c", code: "X")
    var links = AssetLinks()
    try links.link(one, to: two)
    try links.link(two, to: three)
    #expect(links.canonical(one) == three)
    #expect(throws: LinkFault.circle) { try links.link(three, to: one) }
    #expect(throws: LinkFault.circle) { try links.link(one, to: one) }
    links.unlink(two)
    #expect(links.canonical(one) == two)
  }

  @Test(arguments: [
    ("Kraken", "kraken"), ("Ledger Nano X", "ledger-nano-x"), ("  a//b  ", "a-b"), ("", "account"),
    ("!!!", "account"), ("Börse 1", "börse-1"), ("a_b.c", "a_b.c"),
  ])
  func `names give stable slugs`(name: String, slug: String) {
    #expect(AccountID(named: name).slug == slug)
    #expect(AccountID(named: slug).slug == slug)
  }
}
