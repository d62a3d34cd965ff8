import Amounts
import Imports
import Testing

@Suite struct NumberTests {
  @Test(arguments: [
    ("1234.5", NumberStyle.plain, "1234.5"), ("-3.605E-05", .plain, "-0.00003605"),
    ("1,234,567.89", .pointed, "1234567.89"), ("£1,490.00", .pointed, "1490"),
    ("-£12.50", .pointed, "-12.5"), ("($4,641.17)", .pointed, "-4641.17"),
    ("12.5-", .pointed, "-12.5"), ("$ 12", .pointed, "12"), ("12 €", .pointed, "12"),
    ("1 234.5", .pointed, "1234.5"), ("1\u{A0}234", .pointed, "1234"),
    ("1'234'567.8", .pointed, "1234567.8"), ("12,34,567.8", .pointed, "1234567.8"),
    ("\u{2212}5", .pointed, "-5"), ("+5", .pointed, "5"), ("1.5e-7", .pointed, "0.00000015"),
    ("1.234,50 €", .comma, "1234.5"), ("0,00000001", .comma, "0.00000001"),
    ("1.234.567", .comma, "1234567"), ("-1 234,5", .comma, "-1234.5"),
  ])
  func `numbers are read exactly`(text: String, style: NumberStyle, value: String) throws {
    #expect(try style.read(text).text == value)
  }

  @Test(arguments: [
    ("1,23", NumberStyle.pointed), ("1,2345.6", .pointed), ("12,34", .pointed),
    ("1,,000", .pointed),
    ("1.23", .comma), ("1.2.3", .pointed), ("--5", .pointed), ("-5-", .pointed), ("(5", .pointed),
    ("5)", .pointed), ("(-5)", .pointed), ("1 2", .pointed), ("", .pointed), ("$", .pointed),
    ("5 BTC", .pointed), ("0x10", .plain), ("1,000", .plain), ("£5", .plain), ("٣", .pointed),
    ("1e", .pointed), ("1000,000,00", .pointed), ("=1+1", .pointed), ("NaN", .plain),
  ])
  func `what does not fit the style is no number`(text: String, style: NumberStyle) {
    #expect(throws: AmountFault.malformed) { try style.read(text) }
  }

  /// The largest uint256 has 78 digits.
  @Test func `a raw token amount beyond the range is refused as too large`() throws {
    let text = "115792089237316195423570985008687907853269984665640564039457584007913129639935"
    let fault = #expect(throws: RowFault.self) { try row(["n": text]).quantity("n") }
    #expect(fault?.reason == .tooLarge)
    #expect(fault?.text == text)
    let small = #expect(throws: RowFault.self) { try row(["n": "1e-19"]).quantity("n") }
    #expect(small?.reason == .tooPrecise)
  }

  @Test func `texts that mean nothing are no fault`() throws {
    #expect(try row(["n": "-"]).optionalQuantity("n", .pointed.empty("-", "N/A")) == nil)
    #expect(try row(["n": " "]).optionalQuantity("n") == nil)
    #expect(try row(["n": "0", "a": ""]).optionalAmount("n", of: "a") == nil)
    let fault = #expect(throws: RowFault.self) {
      try row(["n": "1", "a": ""]).amount("n", of: "a")
    }
    #expect(fault?.reason == .missing)
    let negative = #expect(throws: RowFault.self) { try row(["n": "-1"]).quantity("n") }
    #expect(negative?.reason == .unclearDirection)
    #expect(try row(["n": "-1"]).magnitude("n").text == "1")
  }

  @Test(arguments: [
    ("0.00915201BTC1S", "0.00915201", "BTC1S"), ("12.5 USD", "12.5", "USD"),
    ("930.0075USDT", "930.0075", "USDT"), ("2.511INCH", "2.51", "1INCH"),
    ("USD 12.5", "12.5", "USD"),
    ("-0.5ETH", "-0.5", "ETH"), ("£12", "12", "£"), ("12", "12", ""), ("BTC", "", "BTC"),
    ("1,000.5 XRP", "1,000.5", "XRP"), ("", "", ""),
  ])
  func `amount and code in one cell are told apart`(text: String, number: String, code: String) {
    let parts = AmountText(text)
    #expect(parts.number == number)
    #expect(parts.code == code)
  }

  @Test func `a currency's sign names it`() {
    #expect(CurrencySign.currency(of: "£")?.code == "GBP")
    #expect(CurrencySign.currency(in: "-€1.234,00")?.code == "EUR")
    #expect(CurrencySign.currency(in: "A$5")?.code == "AUD")
    #expect(CurrencySign.currency(in: "5") == nil)
  }
}
