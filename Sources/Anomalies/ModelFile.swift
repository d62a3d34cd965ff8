internal import Encodings

/// Which model took part: its name, version, what it learned from, and the hash of its state.
public struct ModelStamp: Hashable, Sendable {
  /// Its name.
  public let name: String
  /// Its version: one more with each promotion.
  public let version: Int
  /// From when it learned, in seconds since the epoch.
  public let trainedFrom: Int64
  /// Until when it learned.
  public let trainedTo: Int64
  /// The first eight bytes of the BLAKE2b hash of its state, in hexadecimal digits.
  public let hash: String
}

/// A learned model as bytes that say what they are: version, span of training, hash, state.
public struct ModelFile: Hashable, Sendable {
  private static let magic: UInt64 = 0x4C45_444F_4D46_4F43
  private static let format = 1

  /// Which model it is.
  public let stamp: ModelStamp
  /// Its state.
  let state: [UInt8]

  init(stamp: ModelStamp, state: [UInt8]) {
    self.stamp = stamp
    self.state = state
  }

  static func hash(_ bytes: [UInt8]) -> String {
    Hex.text(Blake2b.hash(bytes, count: 32).prefix(8))
  }

  /// The file's bytes.
  public var bytes: [UInt8] {
    var writer = StateWriter()
    writer.put(ModelFile.magic)
    writer.put(ModelFile.format)
    writer.put(stamp.name)
    writer.put(stamp.version)
    writer.put(Int(stamp.trainedFrom))
    writer.put(Int(stamp.trainedTo))
    writer.put(stamp.hash)
    writer.put(state)
    return writer.bytes
  }

  /// Reads a file.
  ///
  /// - Parameter bytes: What `bytes` gave.
  /// - Throws: `StateFault`: `.version` for another format, `.changed` where the hash is not the state's.
  public init(_ bytes: [UInt8]) throws(StateFault) {
    var reader = StateReader(bytes)
    guard try reader.word() == ModelFile.magic else { throw reader.fault }
    let format = try reader.int(0...(1 << 30))
    guard format == ModelFile.format else { throw .version(format) }
    let name = try reader.text()
    let version = try reader.count()
    let from = Int64(try reader.int(Int.min...Int.max))
    let to = Int64(try reader.int(Int.min...Int.max))
    let hash = try reader.text()
    state = try reader.raw(atMost: 1 << 24)
    try reader.end()
    guard ModelFile.hash(state) == hash else { throw .changed }
    stamp = ModelStamp(
      name: name, version: version, trainedFrom: from, trainedTo: to, hash: hash)
  }
}
