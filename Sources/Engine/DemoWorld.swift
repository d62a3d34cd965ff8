import Cipher
import Dispatch
import Encodings
import Ledger
import SimulatedVenues
import Simulator
import Synchronization
import VenueKit
import Venues
import Wallets

/// The demonstration's venues and chains: servers on this machine that behave as the real ones do.
enum DemoWorld {
  /// Decides everything simulated.
  static let seed: UInt64 = 1
  /// The venues, with the names of their accounts.
  static let venues = [
    ("binance", "Binance"), ("bitfinex", "Bitfinex"), ("coinbase", "Coinbase"), ("htx", "HTX"),
    ("kraken", "Kraken"),
  ]

  /// The account key of BIP-84's own example, whose phrase is printed there.
  ///
  /// Source: https://github.com/bitcoin/bips/blob/master/bip-0084.mediawiki
  static let bitcoinKey =
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31"
    + "mGDtKsAYz2oz2AGutZYs"

  /// A world that does not listen yet.
  static func make(at now: Instant) -> SimulatedWorld {
    var settings = WorldSettings()
    settings.seed = seed
    settings.bitcoinAddresses = bitcoinAddresses()
    return world(settings)
  }

  /// A world of some settings, on this machine's clock.
  static func world(_ settings: WorldSettings) -> SimulatedWorld {
    SimulatedWorld(
      settings, tools: .openSSL,
      check: KeyCheck(
        ecdsaP256: { SignatureCheck.p256(privateKey: $0, $1, $2) },
        ed25519: { SignatureCheck.ed25519(publicKey: $0, $1, $2) }),
      clock: { EngineLoop.now })
  }

  /// The first addresses of the example's receiving branch, and one of change.
  static func bitcoinAddresses() -> [String] {
    let tools = SigningTools.openSSL
    guard let wallet = try? WatchedWallet.parse(bitcoinKey, chain: "bitcoin", tools: tools) else {
      return []
    }
    var addresses: [String] = []
    for (branch, indices) in [(0, [0, 1, 2, 5, 9]), (1, [0])] {
      for index in indices {
        addresses += (try? wallet.addresses(UInt32(index), branch: branch, tools: tools)) ?? []
      }
    }
    return addresses
  }

  /// Prices that begin where the simulated venues' are.
  static func market(at now: Instant) -> MarketWalk {
    MarketWalk(field: (PriceField(seed: seed), now))
  }

  /// Opens the world's servers and waits for them.
  static func start(_ world: SimulatedWorld) throws -> [String: String] {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<[String: String], any Error>?>(nil)
    Task.detached {
      let outcome: Result<[String: String], any Error>
      do { outcome = .success(try await world.start()) } catch { outcome = .failure(error) }
      result.withLock { $0 = outcome }
      done.signal()
    }
    done.wait()
    return try result.withLock { $0 }?.get() ?? [:]
  }

  /// Closes the servers and waits for that.
  static func stop(_ world: SimulatedWorld) {
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      await world.stop()
      done.signal()
    }
    done.wait()
  }
}
