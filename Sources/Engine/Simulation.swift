import Amounts
import Encodings
import SimulatedVenues
import Simulator
import VenueKit

/// Simulated venues that serve by themselves, for `coffer simulate`.
public enum Simulation {
  /// What is simulated.
  public struct Settings: Sendable {
    /// Decides everything.
    public var seed: UInt64 = 1
    /// Accounts at each venue.
    public var accounts = 1
    /// Events in the history of each account.
    public var events = 400
    /// How many days the histories are long.
    public var days: Int64 = 400
    /// After how many seconds an engine reads everything of an account again; 0 for the usual times.
    public var pace: Int64 = 0
    /// The first port; 0 takes free ones.
    public var port = 0
    /// How fast the simulated clock runs.
    public var speed = 1.0
    /// Quotes a second on the streams of each venue.
    public var quotes = 32.0

    /// The usual settings.
    public init() {}
  }

  /// Starts serving; it goes on until the process ends.
  ///
  /// - Parameter settings: What is simulated.
  /// - Returns: Where hosts are reached and the accounts' keys, as JSON.
  /// - Throws: What the system refuses.
  public static func start(_ settings: Settings) throws -> String {
    var made = WorldSettings()
    made.seed = settings.seed
    made.accountsPerVenue = settings.accounts
    made.eventsPerAccount = settings.events
    made.days = settings.days
    made.firstPort = settings.port
    made.speed = settings.speed
    made.quotesPerSecond = settings.quotes
    made.bitcoinAddresses = DemoWorld.bitcoinAddresses()
    let world = DemoWorld.world(made)
    let hosts = try DemoWorld.start(world)
    var keys: [(String, JSON)] = []
    for (venue, _) in DemoWorld.venues {
      let accounts = world.credentials(venue).enumerated().map { index, credentials -> JSON in
        let truth = world.truth(venue, account: index).sorted { $0.key < $1.key }
        return [
          "key": .string(credentials.key), "secret": .string(credentials.secret),
          "passphrase": .string(credentials.passphrase),
          "holdings": .object(JSONObject(truth.map { ($0.key, .string($0.value.text)) })),
        ]
      }
      keys.append((venue, .array(accounts)))
    }
    let table = hosts.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    let json = JSON.object(
      JSONObject([
        ("pace", .number(String(settings.pace))),
        ("hosts", .object(JSONObject(table))), ("accounts", .object(JSONObject(keys))),
        ("bitcoin", ["watch": .string(DemoWorld.bitcoinKey)]),
        ("ethereum", ["watch": .string(world.ethereumAddresses.first ?? "")]),
      ]))
    // What serves must not end with this call.
    kept = world
    return json.text + "\n"
  }

  nonisolated(unsafe) private static var kept: SimulatedWorld?
}
