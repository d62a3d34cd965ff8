import Ledger
import Sync
import VenueKit

/// Up to when the books of accounts that are followed say what these had.
///
/// Accounts that are not followed are what was imported and booked: nothing of them is missing.
struct BooksReach: Hashable, Sendable {
  /// The end of what is known of each account that is followed; `nil` where that is not whole.
  var ends: [AccountID: Instant?] = [:]

  /// The accounts whose books do not reach a cut-off, in order.
  func short(of cutoff: Instant) -> [AccountID] {
    ends.filter { ($0.value ?? Instant(microseconds: .min)) < cutoff }.keys.sorted()
  }

  /// Why nothing can be said of a cut-off; `nil` where all books reach it.
  func reason(at cutoff: Instant) -> String? {
    let short = self.short(of: cutoff)
    guard let first = short.first else { return nil }
    let rest = short.count == 1 ? "" : " and \(short.count - 1) more"
    guard let end = ends[first] ?? nil else {
      return "the history of \(first.slug)\(rest) is not read whole"
    }
    return "\(first.slug)\(rest) is read up to \(Instant(seconds: end.seconds)), before the cut-off"
  }
}

extension SyncDesk {
  /// Up to when the books of the accounts under its care are known.
  func booksReach(at now: Instant) -> BooksReach {
    var reach = BooksReach()
    for (account, record) in records {
      reach.ends[account] = .some(booksEnd(of: record, at: now))
    }
    for account in words.unread { reach.ends[account] = .some(nil) }
    return reach
  }

  private func booksEnd(of record: FollowedAccount, at now: Instant) -> Instant? {
    if record.watch != nil { return wallets.readAt(record.account) }
    guard !isOffline, !record.isPaused else {
      return venues.named(record.venue).flatMap { venue in
        SyncMachine(of: AccountSetup(record, venue), policy: machine.policy, at: now)
          .readTo(record.account, at: now)
      }
    }
    return machine.readTo(record.account, at: now)
  }
}
