import Foundation

/// Packed bytes, made by the `gzip` program.
enum Gzipped {
  static func zeros(_ count: Int) throws -> [UInt8] { try pack("head -c \(count) /dev/zero") }

  static func text(_ text: String) throws -> [UInt8] { try pack("printf %s '\(text)'") }

  private static func pack(_ source: String) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", source + " | gzip -9n"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
  }
}
