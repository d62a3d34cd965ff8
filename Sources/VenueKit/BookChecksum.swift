import Amounts
import Encodings

/// How many decimals a venue writes in a market's book, as far as was seen.
public struct BookDigits: Hashable, Sendable {
  /// The decimals of prices.
  public var price: Int
  /// The decimals of amounts.
  public var amount: Int

  /// Makes a count of decimals, each from 0 to 18.
  public init(price: Int = 0, amount: Int = 0) {
    self.price = min(max(price, 0), Fixed.fractionDigits)
    self.amount = min(max(amount, 0), Fixed.fractionDigits)
  }

  /// Counts the decimals of a price and an amount as the venue wrote them.
  public init(price: Node, amount: Node) {
    self.init(price: BookDigits.count(price), amount: BookDigits.count(amount))
  }

  /// The larger of both, each.
  public func widened(by other: BookDigits) -> BookDigits {
    BookDigits(price: max(price, other.price), amount: max(amount, other.amount))
  }

  private static func count(_ node: Node) -> Int {
    guard var text = try? node.text() else { return 0 }
    // A power of ten moves the point: what counts then is the number itself.
    if text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
      guard let number = try? node.decimal() else { return 0 }
      text = number.text
    }
    guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
    return text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
  }
}

/// How a venue makes a checksum of a book.
public enum BookChecksum: Hashable, Sendable {
  /// CRC-32 of the best asks and then the best bids: price and amount with all their decimals, but
  /// without the point and without leading zeros.
  ///
  /// https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
  case bareDigits(levels: Int)
  /// CRC-32, signed, of bid and ask in turn, `price:amount` each, the asks' amounts negative, and
  /// numbers as JavaScript writes them.
  ///
  /// https://docs.bitfinex.com/docs/ws-websocket-checksum
  case signedPairs(levels: Int)
  /// CRC-32, signed, of bid and ask in turn, `price:amount` each, numbers as the venue writes them:
  /// without zeros at the end.
  ///
  /// https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel
  case plainPairs(levels: Int)
  /// As `plainPairs`, but numbers with all their decimals: `0.5000` stays `0.5000`.
  ///
  /// https://www.bitget.com/api-doc/spot/websocket/public/Depth-Channel
  case paddedPairs(levels: Int)

  /// The checksum of a book.
  ///
  /// - Parameters:
  ///   - bids: Buyers, best first.
  ///   - asks: Sellers, best first.
  ///   - digits: The decimals that the venue writes.
  /// - Returns: The checksum, as a number of the sign that the venue gives it.
  public func sum(bids: [BookLevel], asks: [BookLevel], digits: BookDigits) -> Int64 {
    switch self {
    case .bareDigits(let levels):
      var text = ""
      for level in asks.prefix(levels) { text += BookChecksum.bare(level, digits) }
      for level in bids.prefix(levels) { text += BookChecksum.bare(level, digits) }
      return Int64(Cyclic.crc32(Array(text.utf8)))
    case .signedPairs(let levels):
      return BookChecksum.inTurn(
        bids, asks, levels, bid: { BookChecksum.pair($0, sign: "") },
        ask: { BookChecksum.pair($0, sign: "-") })
    case .plainPairs(let levels):
      return BookChecksum.inTurn(
        bids, asks, levels, bid: BookChecksum.plain, ask: BookChecksum.plain)
    case .paddedPairs(let levels):
      let written = { (level: BookLevel) -> String in
        BookChecksum.padded(level.price, digits.price) + ":"
          + BookChecksum.padded(level.amount, digits.amount)
      }
      return BookChecksum.inTurn(bids, asks, levels, bid: written, ask: written)
    }
  }

  private static func inTurn(
    _ bids: [BookLevel], _ asks: [BookLevel], _ levels: Int, bid: (BookLevel) -> String,
    ask: (BookLevel) -> String
  ) -> Int64 {
    var parts: [String] = []
    for place in 0..<min(levels, max(bids.count, asks.count)) {
      if place < bids.count { parts.append(bid(bids[place])) }
      if place < asks.count { parts.append(ask(asks[place])) }
    }
    let text = parts.joined(separator: ":")
    return Int64(Int32(bitPattern: Cyclic.crc32(Array(text.utf8))))
  }

  /// A number that is not negative with so many decimals.
  private static func padded(_ number: Fixed, _ digits: Int) -> String {
    var text = number.text
    if digits == 0 { return text }
    var written = 0
    if let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) {
      written = text.utf8.distance(from: point, to: text.utf8.endIndex) - 1
    } else {
      text += "."
    }
    return text + String(repeating: "0", count: max(digits - written, 0))
  }

  private static func plain(_ level: BookLevel) -> String {
    level.price.text + ":" + level.amount.text
  }

  private static func bare(_ level: BookLevel, _ digits: BookDigits) -> String {
    bare(level.price, digits.price) + bare(level.amount, digits.amount)
  }

  /// A number in units of its last decimal, which is its text without point and leading zeros.
  private static func bare(_ number: Fixed, _ digits: Int) -> String {
    var unit: Int128 = 1
    for _ in digits..<Fixed.fractionDigits { unit *= 10 }
    let count = number.units / unit
    return count == 0 ? "" : String(count)
  }

  private static func pair(_ level: BookLevel, sign: String) -> String {
    scripted(level.price) + ":" + sign + scripted(level.amount)
  }

  /// A number above zero as JavaScript writes it: below a millionth with a power of ten.
  ///
  /// https://tc39.es/ecma262/#sec-numeric-types-number-tostring; that Bitfinex sums such texts:
  /// https://github.com/bitfinexcom/bfx-api-node-models/issues/70
  private static func scripted(_ number: Fixed) -> String {
    guard number.units > 0, number.units < Fixed.scale / 1_000_000 else { return number.text }
    var digits = String(number.units)
    let power = Fixed.fractionDigits + 1 - digits.utf8.count
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    let first = digits.removeFirst()
    return digits.isEmpty ? "\(first)e-\(power)" : "\(first).\(digits)e-\(power)"
  }
}
