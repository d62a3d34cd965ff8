public import Amounts

/// An amount and a code written in one cell: `0.00915201BTC1S`, `12.5 USD`, `USD 12.5`.
public struct AmountText: Hashable, Sendable {
  /// The number's text.
  public let number: String
  /// The code's text; empty where there is none.
  public let code: String

  /// Codes that begin with digits, which would otherwise be taken for the end of the number.
  public static let codesWithDigits: [String] = [
    "1INCH", "1INCHUP", "1INCHDOWN", "1000SATS", "1000CAT", "1000CHEEMS", "1MBABYDOGE", "1000SHIB",
    "1000PEPE", "1000BONK", "1000FLOKI", "1000XEC", "1000LUNC", "1000RATS", "1000BTT", "0XBTC",
    "3ULL", "2Z", "4TOKEN", "5IRE", "99BTC",
  ]

  /// Splits a cell.
  ///
  /// - Parameters:
  ///   - text: The cell.
  ///   - codes: Codes that begin with digits.
  public init(_ text: String, codesWithDigits codes: [String] = AmountText.codesWithDigits) {
    let text = Row.trimmed(text[...])
    if let code = codes.first(where: { text.hasSuffix($0) }), text.count > code.count {
      number = Row.trimmed(text.dropLast(code.count))
      self.code = code
    } else if let first = text.unicodeScalars.first, AmountText.isOfNumber(first) {
      let end =
        text.unicodeScalars.firstIndex { !AmountText.isOfNumber($0) } ?? text.endIndex
      number = Row.trimmed(text[..<end])
      self.code = Row.trimmed(text[end...])
    } else {
      let start = text.unicodeScalars.firstIndex { AmountText.isOfNumber($0) } ?? text.endIndex
      code = Row.trimmed(text[..<start])
      number = Row.trimmed(text[start...])
    }
  }

  private static func isOfNumber(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", ".", ",", "-", "+", "'", "\u{2019}", "(", ")", "\u{2212}": true
    default: scalar.properties.isWhitespace
    }
  }
}

/// What currency signs stand for.
public enum CurrencySign {
  /// The currency of a sign: `£` is GBP, `$` alone USD; `nil` for a text that is no sign.
  public static func currency(of sign: some StringProtocol) -> Currency? {
    codes[String(sign)].flatMap { Currency($0) }
  }

  /// The currency whose sign a text begins or ends with.
  public static func currency(in text: String) -> Currency? {
    let amount = AmountText(text)
    if let found = currency(of: amount.code) { return found }
    let signs = text.unicodeScalars.filter { $0.properties.generalCategory == .currencySymbol }
    guard let sign = signs.first else { return nil }
    return currency(of: String(Character(sign)))
  }

  private static let codes: [String: String] = [
    "$": "USD", "US$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "₩": "KRW",
    "₽": "RUB", "₺": "TRY", "₴": "UAH", "₦": "NGN", "₱": "PHP", "₫": "VND", "₪": "ILS", "฿": "THB",
    "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "R$": "BRL", "MX$": "MXN", "CHF": "CHF", "zł": "PLN", "Kč": "CZK", "₿": "BTC",
  ]
}
