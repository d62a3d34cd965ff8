/// CRC-32 as in gzip (RFC 1952, section 8).
enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    var value = UInt32(index)
    for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    return value
  }

  /// The checksum of bytes.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8) }
    return value ^ 0xFFFF_FFFF
  }
}

/// gzip (RFC 1952) with blocks that are stored, not compressed (RFC 1951, section 3.2.4).
enum Gzip {
  /// A gzip member that holds the bytes.
  static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var start = 0
    repeat {
      let end = min(start + 65_535, bytes.count)
      let count = end - start
      packed.append(end == bytes.count ? 1 : 0)
      append(UInt32(count), 2, &packed)
      append(~UInt32(count), 2, &packed)
      packed.append(contentsOf: bytes[start..<end])
      start = end
    } while start < bytes.count
    append(CRC32.of(bytes), 4, &packed)
    append(UInt32(truncatingIfNeeded: bytes.count), 4, &packed)
    return packed
  }

  private static func append(_ value: UInt32, _ count: Int, _ bytes: inout [UInt8]) {
    for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(place * 8))) }
  }
}
