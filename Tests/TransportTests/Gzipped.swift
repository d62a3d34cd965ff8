/// Packed bytes, made by the `gzip` program.
enum Gzipped {
  static func zeros(_ count: Int) throws -> [UInt8] { try pack("head -c \(count) /dev/zero") }

  static func text(_ text: String) throws -> [UInt8] { try pack("printf %s '\(text)'") }

  private static func pack(_ source: String) throws -> [UInt8] {
    Array(try run("/bin/sh", ["-c", source + " | gzip -9n"]))
  }
}
