public import Encodings

/// A Bitcoin transaction as nodes send it, without scripts and witnesses of its inputs.
///
/// Sources: https://developer.bitcoin.org/reference/transactions.html#raw-transaction-format and
/// https://github.com/bitcoin/bips/blob/master/bip-0144.mediawiki
public struct RawTransaction: Hashable, Sendable {
  /// An output that is spent.
  public struct Spent: Hashable, Sendable {
    /// The id of its transaction.
    public let id: String
    /// Its place there.
    public let place: Int
  }
  /// The id, computed from the bytes.
  public let id: String
  /// What it spends; nothing for the reward of a block.
  public let inputs: [Spent]
  /// What it makes.
  public let outputs: [ScriptTransaction.Part]

  /// Reads a transaction.
  ///
  /// - Parameters:
  ///   - bytes: The whole transaction.
  ///   - network: How its scripts are written as addresses.
  ///   - tools: Hashes.
  /// - Throws: `malformed` for anything but one transaction.
  public init(
    _ bytes: [UInt8], network: ScriptNetwork, tools: SigningTools
  ) throws(ChainFault) {
    var reader = ByteReader(bytes)
    try reader.skip(4)
    // A marker of zero inputs and a flag: witnesses follow the outputs.
    let hasWitnesses = bytes.count > 6 && bytes[4] == 0 && bytes[5] == 1
    if hasWitnesses { try reader.skip(2) }
    let start = reader.place
    var inputs: [Spent] = []
    for _ in 0..<(try reader.count()) {
      let id = Hex.text(try reader.take(32).reversed())
      let place = try reader.number(4)
      try reader.skip(try reader.count())
      try reader.skip(4)
      if place != 0xFFFF_FFFF { inputs.append(Spent(id: id, place: Int(place))) }
    }
    var outputs: [ScriptTransaction.Part] = []
    for _ in 0..<(try reader.count()) {
      let units = try reader.number(8)
      let script = OutputScript(Array(try reader.take(try reader.count())))
      outputs.append(
        ScriptTransaction.Part(
          address: network.address(of: script, tools: tools),
          amount: ChainAmount(units: UInt256(UInt128(units)), decimals: 8)))
    }
    let end = reader.place
    guard bytes.count - 4 >= end, !outputs.isEmpty else { throw .malformed("the transaction") }
    if !hasWitnesses, bytes.count - 4 != end { throw .malformed("the transaction's end") }
    // The id leaves marker, flag and witnesses out.
    let plain = bytes[0..<4] + bytes[start..<end] + bytes.suffix(4)
    id = Hex.text(tools.doubleSHA256(Array(plain)).reversed())
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// Reads bytes from front to back; beyond the end is a fault.
private struct ByteReader {
  private let bytes: [UInt8]
  private(set) var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func take(_ count: Int) throws(ChainFault) -> ArraySlice<UInt8> {
    guard count >= 0, count <= bytes.count - place else {
      throw .malformed("byte \(place) of the transaction")
    }
    defer { place += count }
    return bytes[place..<(place + count)]
  }

  mutating func skip(_ count: Int) throws(ChainFault) { _ = try take(count) }

  /// A number of so many bytes, the lowest first.
  mutating func number(_ count: Int) throws(ChainFault) -> UInt64 {
    try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A count of things, each of one byte or more: one, three, five or nine bytes.
  mutating func count() throws(ChainFault) -> Int {
    let first = try number(1)
    let value =
      switch first {
      case 0xFD: try number(2)
      case 0xFE: try number(4)
      case 0xFF: try number(8)
      default: first
      }
    guard value <= UInt64(bytes.count) else { throw .malformed("byte \(place) of the transaction") }
    return Int(value)
  }
}
