import Amounts

/// Sixteen bytes that name a fact: the first half of a SHA-256 digest of its `EntryIdentity`.
///
/// Two different facts meet with a chance of 2⁻⁶⁴ only among some four thousand million of them.
public struct EntryID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The first eight bytes, big-endian.
  public let high: UInt64
  /// The other eight.
  public let low: UInt64

  /// Makes an identity from its two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Takes the first 16 bytes of a digest.
  public init(digest: [UInt8]) {
    precondition(digest.count >= 16, "A digest has at least 16 bytes.")
    high = digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads 32 hexadecimal digits; `nil` for any other text.
  public init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 32, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
      let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// The 16 bytes.
  public var bytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
      + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
  }

  /// 32 hexadecimal digits.
  public var description: String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// Orders by bytes.
  public static func < (a: EntryID, b: EntryID) -> Bool {
    a.high != b.high ? a.high < b.high : a.low < b.low
  }
}

/// What makes a fact the same fact when it is read again.
public enum EntryIdentity: Hashable, Sendable {
  /// The venue gives it an id that is unique among the account's entries of that kind.
  case venue(account: AccountID, kind: EntryKind, reference: String)
  /// The source gives none: its content decides, and `occurrence` counts equal ones of one source.
  case content(account: AccountID, canonical: [UInt8], occurrence: Int)
}

extension EntryIdentity {
  /// The bytes whose SHA-256 names the fact.
  ///
  /// Each part is preceded by its length, so that no two
  /// identities have the same bytes.
  public var canonicalBytes: [UInt8] {
    var writer = CanonicalWriter()
    switch self {
    case .venue(let account, let kind, let reference):
      writer.add("coffer/entry/venue/1")
      writer.add(account.slug)
      writer.add(kind.rawValue)
      writer.add(reference)
    case .content(let account, let canonical, let occurrence):
      writer.add("coffer/entry/content/1")
      writer.add(account.slug)
      writer.add(bytes: canonical)
      writer.add(integer: Int64(occurrence))
    }
    return writer.bytes
  }
}

extension Entry {
  /// Everything the entry states, but for where it was read: equal bytes are equal facts.
  ///
  /// The audit log hashes these bytes, and `EntryIdentity.content` rests on them.
  public static func canonicalBytes(
    time: Instant, kind: EntryKind, legs: [Leg], details: EntryDetails
  ) -> [UInt8] {
    var writer = CanonicalWriter()
    writer.add("coffer/entry/1")
    writer.add(integer: time.microseconds)
    writer.add(kind.rawValue)
    writer.add(integer: Int64(legs.count))
    for leg in legs {
      writer.add(leg.account.slug)
      writer.add(leg.asset.text)
      writer.add(integer: leg.quantity.fixed.units)
      writer.add(integer: Int64(leg.counter.rawValue))
    }
    writer.add(details.reference)
    writer.add(details.transactionHash)
    writer.add(details.note)
    writer.add(details.value?.description ?? "")
    return writer.bytes
  }

  /// The same for this entry.
  public var canonicalBytes: [UInt8] {
    Entry.canonicalBytes(time: time, kind: kind, legs: legs, details: details)
  }
}

/// Writes parts one after another, each with its length before it.
struct CanonicalWriter {
  private(set) var bytes: [UInt8] = []

  init() {
    bytes.reserveCapacity(256)
  }

  mutating func add(_ text: String) {
    add(length: text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(bytes part: [UInt8]) {
    add(length: part.count)
    bytes.append(contentsOf: part)
  }

  mutating func add(integer: Int64) {
    append(UInt32(truncatingIfNeeded: integer >> 32))
    append(UInt32(truncatingIfNeeded: integer))
  }

  mutating func add(integer: Int128) {
    add(integer: Int64(truncatingIfNeeded: integer >> 64))
    add(integer: Int64(truncatingIfNeeded: integer))
  }

  private mutating func add(length: Int) {
    precondition(length <= Int(UInt32.max), "A part of an entry is shorter than 4 GiB.")
    append(UInt32(length))
  }

  /// Four bytes, the highest first; written out, since every entry passes here a few dozen times.
  private mutating func append(_ word: UInt32) {
    bytes.append(UInt8(truncatingIfNeeded: word >> 24))
    bytes.append(UInt8(truncatingIfNeeded: word >> 16))
    bytes.append(UInt8(truncatingIfNeeded: word >> 8))
    bytes.append(UInt8(truncatingIfNeeded: word))
  }
}
