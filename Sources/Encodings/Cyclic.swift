/// Cyclic redundancy checks that addresses end with.
public enum Cyclic {
  /// CRC-16/XMODEM: polynomial 0x1021, start 0 (Stellar, TON).
  public static func crc16(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt16 = 0
    for byte in bytes {
      sum ^= UInt16(byte) << 8
      for _ in 0..<8 {
        let carries = sum & 0x8000 != 0
        sum <<= 1
        if carries { sum ^= 0x1021 }
      }
    }
    return sum
  }

  /// CRC-32 of ISO 3309 (Cardano's Byron addresses, Internet Computer).
  public static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 {
        let carries = sum & 1 != 0
        sum >>= 1
        if carries { sum ^= 0xEDB8_8320 }
      }
    }
    return ~sum
  }
}
