import Cipher
import Encodings
import Foundation
import Wallets

/// Runs the cases of the wallets' folder: each file a kind of case.
///
/// Keys that a case gives in private are worked out in public here (`TestTree`), never by the
/// program: there, what must happen to them is refusal, which is checked as well.
struct WalletSuite {
  let folder: URL

  func run() -> SuiteResult {
    var cases: [CaseResult] = []
    var isFound = false
    for (name, run) in WalletSuite.files {
      guard let data = try? Data(contentsOf: folder.appending(path: name + ".json")) else {
        continue
      }
      isFound = true
      do {
        cases += run(try JSON.reading(Array(data)))
      } catch {
        cases.append(CaseResult(name, format: name, .failed, ["cannot be read: \(error)"]))
      }
    }
    let reason = isFound ? "" : "no cases in \(folder.path())"
    return SuiteResult(suite: "wallets", cases: cases, reason: reason)
  }

  private static let files: [(String, @Sendable (JSON) -> [CaseResult])] = [
    ("addresses", WalletAddressCases.listed), ("base58", WalletAddressCases.base58),
    ("bech32", WalletAddressCases.bech32), ("bip32", WalletKeyCases.bip32),
    ("bip39", WalletKeyCases.bip39), ("chain-answers", WalletChainCases.answers),
    ("descriptors", WalletDescriptorCases.descriptors), ("eip55", WalletAddressCases.eip55),
    ("scripthash", WalletAddressCases.scriptHashes), ("slip10", WalletKeyCases.slip10),
    ("watch-only", WalletKeyCases.watchOnly),
  ]

  static let tools = SigningTools.openSSL

  /// One case a row of a list, named by the list and the row's number.
  static func cases(
    _ file: String, _ json: JSON, _ list: String, _ check: (JSON) -> [String]
  ) -> [CaseResult] {
    json[list].elements.enumerated().map { index, row in
      let reasons = check(row)
      return CaseResult(
        "\(file)/\(list)/\(index + 1)", format: "\(file) \(list)",
        reasons.isEmpty ? .passed : .failed, reasons)
    }
  }

  /// A reason unless two texts agree.
  static func difference(_ what: String, _ expected: String?, _ found: String?) -> [String] {
    expected == found
      ? [] : ["\(what): expected \(expected ?? "nothing"), found \(found ?? "nothing")"]
  }
}

extension JSON {
  /// A member, `null` where there is none.
  subscript(_ name: String) -> JSON {
    if case .object(let object) = self { object[name] ?? .null } else { .null }
  }
  /// The elements of an array.
  var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  /// A text.
  var string: String? { if case .string(let text) = self { text } else { nil } }
  /// A text or a number as written.
  var plain: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .bool(let value): value ? "true" : "false"
    default: nil
    }
  }
  /// A whole number.
  var whole: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  /// True or false.
  var truth: Bool? { if case .bool(let value) = self { value } else { nil } }
}
