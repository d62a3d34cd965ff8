import Amounts
import Ledger
import Sync
import Transport
import VenueKit

/// A request on its way out, as the courier needs it.
struct FetchJob: Sendable {
  /// The ticket of the limiter.
  let ticket: UInt64
  /// Whose key signs it; `nil` for open calls.
  let account: AccountID?
  /// The venue's word.
  let venue: String
  /// What is asked.
  let call: Call
  /// The venue's clock less ours, in microseconds.
  let clockOffset: Int64
  /// By what its answer is kept; `nil` keeps none.
  var keeping: Keeping?
  /// Header fields that ask for the answer only if it has changed.
  var conditions: [(name: String, value: String)] = []
  /// The request itself, where it is not a venue's call: a question to a chain's server.
  var plain: OutgoingRequest?
  /// Whether it logs in: what the answer gives stays with the courier.
  var isLogin = false
  /// The session it carries, by the ticket of its login.
  var session: UInt64?
  /// Whether it is asked once more with another session; it never is a third time.
  var isSecond = false
  /// What it waits behind.
  var priority = Limiter.Priority.backfill
  /// How many calls follow on its answer that others leave room for.
  var followers = 0
}

/// What became of a request.
enum FetchResult: Sendable {
  /// The venue answered.
  case answered(IncomingAnswer)
  /// No answer came.
  case failed(wasSent: Bool, VenueFault)
}

/// An account that is kept up to date, as the vault knows it.
struct FollowedAccount: Sendable {
  /// The account its entries are booked on.
  var account: AccountID
  /// The venue's word.
  var venue: String
  /// What the user decided.
  var settings: SyncSettings
  /// What was stored of its lanes.
  var states: [String: String]
  /// When its key was stored.
  var keyMade: Instant?
  /// Whether the user stopped it.
  var isPaused = false
  /// What is watched, of a wallet.
  var watch: WatchedText?
  /// The ids of its parts that were typed with its key, by the names of `Ask.accounts`.
  var named: [String: String] = [:]
  /// What the ledger has of a wallet of which nothing was stored yet.
  var held: [WalletDesk.Spot: Quantity] = [:]
  /// What each lane of balances told last with the present key, by the lane's text.
  var balances: [String: ReportedBalances] = [:]
  /// When each lane of positions told something last, with the present key.
  var positionsTold: [String: Instant] = [:]
  /// What the present key may do, and when that was read.
  var rights: (rights: KeyRights, time: Instant)?
}

extension AccountSetup {
  /// An account as the machine takes it.
  init(_ record: FollowedAccount, _ venue: Venue) {
    let told = record.balances.mapValues(\.time).merging(record.positionsTold) { told, _ in told }
    self.init(
      account: record.account, venue: venue, settings: record.settings, states: record.states,
      named: record.named, told: told, rights: record.rights)
  }
}
