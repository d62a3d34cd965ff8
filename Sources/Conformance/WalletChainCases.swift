import Encodings
import Wallets

/// Answers of chain nodes.
enum WalletChainCases {
  @Sendable static func answers(_ json: JSON) -> [CaseResult] { [] }
}
