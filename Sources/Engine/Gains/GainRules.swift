import Amounts
import Lots

/// How cost is found, as the user has set it: first in, first out, by account, unless said otherwise.
struct GainRules: Hashable, Sendable {
  /// The setting that holds it, and its words.
  static let methodSetting = "gains-method"
  static let scopeSetting = "gains-scope"

  var method = LotMethod.lots(.fifo)
  var scope = LotScope.account

  private static let methods: [(word: String, method: LotMethod)] = [
    ("fifo", .lots(.fifo)), ("lifo", .lots(.lifo)), ("hifo", .lots(.hifo)),
    ("lofo", .lots(.lofo)), ("specific", .lots(.specific)), ("average", .average),
  ]
  private static let scopes: [(word: String, scope: LotScope)] = [
    ("account", .account), ("universal", .universal),
  ]

  /// The words for methods and scopes.
  static var methodWords: [String] { methods.map(\.word) }
  static var scopeWords: [String] { scopes.map(\.word) }

  var methodWord: String { GainRules.methods.first { $0.method == method }?.word ?? "" }
  var scopeWord: String { GainRules.scopes.first { $0.scope == scope }?.word ?? "" }

  init() {}

  /// Rules by their words; what is `nil` stays as in `base`.
  ///
  /// - Parameters:
  ///   - method: A word of `methodWords`.
  ///   - scope: A word of `scopeWords`.
  ///   - base: What holds where nothing is said.
  init?(method: String?, scope: String?, base: GainRules = GainRules()) {
    self = base
    if let method {
      guard let found = GainRules.methods.first(where: { $0.word == method.lowercased() }) else {
        return nil
      }
      self.method = found.method
    }
    if let scope {
      guard let found = GainRules.scopes.first(where: { $0.word == scope.lowercased() }) else {
        return nil
      }
      self.scope = found.scope
    }
  }

  /// The rules of a book of lots.
  func lotRules(in currency: Currency) -> LotRules {
    var rules = LotRules(currency: currency, method: method)
    rules.scope = scope
    rules.fillsNamed = true
    return rules
  }
}
