import Amounts
import Cipher
import Glibc
import Ledger
import Link
import SimulatedVenues
import Simulator
import Sync
import Vault
import VenueKit
import Wire

/// The demonstration's vault: made anew in a temporary folder, opened with a secret nobody knows.
enum DemoVault {
  static func make(_ place: EnginePlace, world: SimulatedWorld, now: Instant) throws -> Vault {
    let author = Attribution(uid: getuid(), user: "demo", time: now)
    var options = Vault.Options(anchorFolder: nil)
    // A random passphrase of 256 bits needs no slow derivation, and a demonstration no wait.
    options.cost = .forTests()
    let (vault, _) = try Vault.create(
      at: place.vault, passphrase: try SecretBytes(randomCount: 32), label: "demonstration",
      options: options, by: author)
    let book = DemoBook()
    let entries = book.facts.map { fact in
      let identity = EntryIdentity.venue(
        account: fact.legs[0].account, kind: fact.kind, reference: fact.reference)
      return NewEntry(
        identity: identity.canonicalBytes, time: fact.time, kind: fact.kind, legs: fact.legs,
        details: EntryDetails(reference: fact.reference))
    }
    _ = try vault.append(Batch(entries: entries, accounts: book.accounts), by: author)
    try connect(world, to: vault, by: author)
    return vault
  }

  /// Follows the simulated venues and chains.
  private static func connect(
    _ world: SimulatedWorld, to vault: Vault, by author: Attribution
  ) throws {
    for (venue, name) in DemoWorld.venues {
      guard let credentials = world.credentials(venue).first else { continue }
      let id = AccountID(named: name)
      let account = Account(id: id, name: name, venue: venue, book: BookID("trading"))
      var settings = SyncSettings()
      settings.start = author.time.advanced(bySeconds: -420 * 86_400)
      settings.sweepsAllMarkets = false
      _ = try vault.connect(account, settings: settings.text, by: author)
      var bytes = credentials.bytes
      let secret = try SecretBytes(consuming: &bytes)
      let generation = try vault.addCredential(secret, to: id, by: author)
      try vault.proveCredential(generation, of: id, by: author)
    }
    var watched = [
      ("Bitcoin vault", WatchedText(text: DemoWorld.bitcoinKey, chain: "bitcoin", server: ""))
    ]
    if let address = world.ethereumAddresses.first {
      watched.append(("Ethereum wallet", WatchedText(text: address, chain: "ethereum", server: "")))
    }
    for (name, text) in watched {
      let account = Account(
        id: AccountID(named: name), name: name, venue: text.chain, book: BookID("cold"))
      _ = try vault.connect(account, settings: text.json, by: author)
    }
  }

  /// Removes everything of the demonstration; its folder was made for it alone.
  static func remove(_ place: EnginePlace) {
    let parent = place.vault.split(separator: "/").dropLast().joined(separator: "/")
    guard parent.split(separator: "/").last?.hasPrefix("coffer-demo-") ?? false else { return }
    FolderTree.remove("/" + parent)
  }
}
