import Cipher
import Encodings
import TestSupport
import VenueKit
import Wallets

let tools = SigningTools.openSSL

extension Seeded {
  /// The bytes with some of them changed, cut off or doubled.
  mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(bytes[place], at: place)
      default: bytes.removeLast(Int.random(in: 0...min(8, bytes.count), using: &self))
      }
    }
    return bytes
  }
}

/// An answer of success.
func answer(_ text: String, status: Int = 200) -> IncomingAnswer {
  IncomingAnswer(status: status, body: Array(text.utf8))
}

/// The fault that a closure ends with, nil for none.
func fault<Value, Fault: Error>(_ body: () throws(Fault) -> Value) -> Fault? {
  do throws(Fault) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}
