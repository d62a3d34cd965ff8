import Ledger
import Synchronization

/// The accounts and assets of a vault by their numbers in the database, and the links among assets.
///
/// Numbers start at 1 and have no gaps: nothing is ever taken out.
struct Names: Sendable {
  private(set) var accounts: [Account] = []
  private(set) var assets: [AssetID] = []
  var links = AssetLinks()
  private var accountNumbers: [AccountID: Int] = [:]
  private var assetNumbers: [AssetID: Int] = [:]

  /// The number of an account, or `nil`.
  func number(of account: AccountID) -> Int? { accountNumbers[account] }
  /// The number of a recorded asset, or `nil`.
  func number(of asset: AssetID) -> Int? { assetNumbers[asset] }
  /// The account of a number.
  func account(_ number: Int) -> Account? {
    accounts.indices.contains(number - 1) ? accounts[number - 1] : nil
  }
  /// The asset of a number.
  func asset(_ number: Int) -> AssetID? {
    assets.indices.contains(number - 1) ? assets[number - 1] : nil
  }

  /// Takes in an account and says its number.
  mutating func add(_ account: Account) -> Int {
    accounts.append(account)
    accountNumbers[account.id] = accounts.count
    return accounts.count
  }

  /// Takes in an asset and says its number.
  mutating func add(_ asset: AssetID) -> Int {
    assets.append(asset)
    assetNumbers[asset] = assets.count
    return assets.count
  }

  /// Puts another name, venue or book on a known account.
  mutating func change(_ account: Account) {
    guard let number = accountNumbers[account.id] else { return }
    accounts[number - 1] = account
  }

  /// The recorded assets that a canonical one stands for, by number.
  func recorded(as canonical: AssetID) -> [Int] {
    assets.indices.filter { links.canonical(assets[$0]) == canonical }.map { $0 + 1 }
  }
}

/// The names as of the last commit, for readers on any thread.
final class Catalogue: Sendable {
  private let held: Mutex<Names>

  init(_ names: Names) {
    held = Mutex(names)
  }

  /// The names now.
  var names: Names { held.withLock { $0 } }

  /// Puts other names in place; called just before the commit that makes them true.
  func publish(_ names: Names) {
    held.withLock { $0 = names }
  }
}
