import Foundation
import Ledger
import Simulator

/// A file in the form of Koinly's transaction history: exchanges with a fee and a hash, in order of
/// time, on 8 wallets, among 60 assets and a currency; the same every time.
struct GeneratedFile {
  let path: String
  let entries: Int

  static let accounts = 8
  static let assets = 60

  /// Writes the file.
  func write() throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw Missing(path: path)
    }
    guard let handle = FileHandle(forWritingAtPath: path) else { throw Missing(path: path) }
    defer { handle.closeFile() }
    var generator = SeededGenerator(seed: 7)
    // 2016-01-01T00:00:00Z
    var time = Instant(seconds: 1_451_606_400)
    var text = GeneratedFile.header
    for number in 0..<entries {
      time = time.advanced(bySeconds: Int64(generator.next() % 480) + 1)
      append(number, time, &generator, to: &text)
      guard text.utf8.count > 1 << 20 else { continue }
      try handle.write(contentsOf: Data(text.utf8))
      text.removeAll(keepingCapacity: true)
    }
    try handle.write(contentsOf: Data(text.utf8))
  }

  /// The file was not made.
  struct Missing: Error { let path: String }

  private static let header =
    "Date,Type,Tag,Sending Wallet,Sent Amount,Sent Currency,Sent Cost Basis,Receiving Wallet,"
    + "Received Amount,Received Currency,Received Cost Basis,Fee Amount,Fee Currency,Gain (EUR),"
    + "Net Value (EUR),Fee Value (EUR),TxSrc,TxDest,TxHash,Description\n"

  private func append(
    _ number: Int, _ time: Instant, _ generator: inout SeededGenerator, to text: inout String
  ) {
    let wallet = "Wallet \(1 + generator.next() % UInt64(GeneratedFile.accounts))"
    let asset = "C\(10 + generator.next() % UInt64(GeneratedFile.assets))"
    let cents = 100 + generator.next() % 9_000_000
    let units = 1 + generator.next() % 400_000_000
    let paid = "\(cents / 100).\(GeneratedFile.padded(cents % 100, 2))"
    let got = "\(units / 1_000_000).\(GeneratedFile.padded(units % 1_000_000, 6))"
    let isBuy = generator.next() % 2 == 0
    let date = time.description.prefix(19).replacing("T", with: " ")
    text += "\(date) UTC,exchange,,\(wallet),"
    text +=
      isBuy ? "\(paid),USD,,\(wallet),\(got),\(asset)" : "\(got),\(asset),,\(wallet),\(paid),USD"
    text += ",,\(cents / 100_000).\(GeneratedFile.padded(cents / 100 % 1000, 3)),USD,,\(paid),,,,"
    text += "0x\(GeneratedFile.padded(UInt64(number), 16, radix: 16)),\n"
  }

  private static func padded(_ number: UInt64, _ width: Int, radix: Int = 10) -> String {
    let digits = String(number, radix: radix)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
