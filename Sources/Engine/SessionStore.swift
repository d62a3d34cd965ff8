import Ledger
import VenueKit

/// What logins gave, in memory only; part of the courier, and printed nowhere.
struct SessionStore {
  private var grants: [AccountID: (login: UInt64, fields: [String: String])] = [:]
  /// Counts the changes of keys, and which change an account's key is from.
  private(set) var era: UInt64 = 0
  private var eras: [AccountID: UInt64] = [:]
  private var floor: UInt64 = 0

  /// Keeps what a login gave that was signed in an era; not where the key has changed since.
  ///
  /// - Returns: Whether it is kept.
  mutating func keep(
    _ fields: [String: String], from login: UInt64, of account: AccountID, signedIn era: UInt64
  ) -> Bool {
    guard era >= max(floor, eras[account] ?? 0) else { return false }
    grants[account] = (login, fields)
    return true
  }

  /// The fields of an account's session; `nil` where another login has come since, or none is kept.
  func fields(of account: AccountID, from login: UInt64) -> [String: String]? {
    guard let grant = grants[account], grant.login == login else { return nil }
    return grant.fields
  }

  /// Forgets an account's session: its key has changed or is gone.
  mutating func forget(_ account: AccountID) {
    era += 1
    eras[account] = era
    grants[account] = nil
  }

  /// Forgets all sessions.
  mutating func forgetAll() {
    era += 1
    floor = era
    eras = [:]
    grants = [:]
  }
}
